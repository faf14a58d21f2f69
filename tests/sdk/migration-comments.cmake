# Which first comments of a migration the build takes: cmake -P migration-comments.cmake, which asks itself about each.

cmake_minimum_required(VERSION 3.25)

if(DEFINED text)
    include(${CMAKE_CURRENT_LIST_DIR}/../../sdk/cmake/PlayhouseMigrations.cmake)
    string(REPLACE "|" "\n" text "${text}")
    string(REPLACE "@mark@" "${mark}" text "${text}")
    playhouse_check_compatibility(0001_rooms.sql "${text}")
    return()
endif()

string(ASCII 239 187 191 mark)

# assert_taken(YES|NO TEXT ...): "|" stands for the end of a line.
function(assert_taken wanted)
    foreach(text IN LISTS ARGN)
        execute_process(
            COMMAND ${CMAKE_COMMAND} "-Dtext=${text}" "-Dmark=${mark}" -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
            RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
        if(result EQUAL 0)
            set(taken YES)
        else()
            set(taken NO)
        endif()
        if(NOT taken STREQUAL wanted)
            message(SEND_ERROR "taken: ${taken}, not ${wanted}: ${text}")
        endif()
    endforeach()
endfunction()

assert_taken(YES
    "CREATE TABLE a (id INTEGER)"
    "-- Rooms.|CREATE TABLE a (id INTEGER)"
    "-- compatible: no|DROP TABLE a"
    "-- Rooms.||-- compatible: no  |-- And more.|DROP TABLE a"
    "-- compatible: yes|-- compatible: no"
    "DROP TABLE a -- that nobody is compatible with")
assert_taken(NO
    "--compatible: no|DROP TABLE a"
    "-- Compatible: no|DROP TABLE a"
    "-- compatible:no"
    "-- Rooms.|  -- compatible: no|DROP TABLE a"
    "-- compatible: no|-- compatible: maybe|DROP TABLE a"
    "-- incompatible|DROP TABLE a"
    "@mark@-- compatible: no|DROP TABLE a")
