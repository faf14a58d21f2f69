#include "control/ControlCommand.h"

#include <iostream>
#include <string>
#include <vector>

int main(int argumentCount, char** arguments) {
    const std::vector<std::string> given(arguments + 1, arguments + argumentCount);
    return static_cast<int>(playhouse::host::runControlCommand(given, std::cout, std::cerr));
}
