#include "control/Application.h"

int main(int argumentCount, char** arguments) {
    playhouse::host::Application application;
    return application.runWith(argumentCount, arguments);
}
