# playhouse_add_plugin(NAME SOURCES ... [LIBRARIES ...] [INCLUDES ...] [OUTPUT_NAME ...] [OUTPUT_DIRECTORY ...]
#                      [MIGRATIONS ...])
#
# The target NAME-plugin, a plugin library NAME.so that exports its descriptor and nothing else, so that it can be
# unloaded. It is put into OUTPUT_DIRECTORY, else into PLAYHOUSE_PLUGIN_OUTPUT_DIRECTORY when that is set, else into the
# build directory. The files of migrations/ beside the caller's CMakeLists.txt, when there is such a folder, are compiled
# into it (Migrations.h); MIGRATIONS names another folder.
#
# playhouse_install_plugin(NAME)
#
# Has `cmake --install` put it where an installed host looks for plugins.
#
# g++ marks some template symbols STB_GNU_UNIQUE, which pins a library in memory for ever: hence -fno-gnu-unique, and a
# version script that makes every symbol local.

include(${CMAKE_CURRENT_LIST_DIR}/PlayhouseMigrations.cmake)

set(PLAYHOUSE_PLUGIN_VERSION_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/plugin.map)

function(playhouse_add_plugin name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "" "OUTPUT_NAME;OUTPUT_DIRECTORY;MIGRATIONS" "SOURCES;LIBRARIES;INCLUDES")
    if(ARG_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "playhouse_add_plugin(${name}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT ARG_OUTPUT_NAME)
        set(ARG_OUTPUT_NAME ${name})
    endif()
    if(NOT ARG_OUTPUT_DIRECTORY)
        set(ARG_OUTPUT_DIRECTORY ${PLAYHOUSE_PLUGIN_OUTPUT_DIRECTORY})
    endif()
    if(NOT ARG_OUTPUT_DIRECTORY)
        set(ARG_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    endif()
    if(NOT ARG_MIGRATIONS)
        set(ARG_MIGRATIONS ${CMAKE_CURRENT_SOURCE_DIR}/migrations)
    endif()
    add_library(${name}-plugin MODULE ${ARG_SOURCES})
    set_target_properties(${name}-plugin PROPERTIES
        OUTPUT_NAME ${ARG_OUTPUT_NAME}
        PREFIX ""
        LIBRARY_OUTPUT_DIRECTORY ${ARG_OUTPUT_DIRECTORY}
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        LINK_DEPENDS ${PLAYHOUSE_PLUGIN_VERSION_SCRIPT})
    target_compile_options(${name}-plugin PRIVATE -fno-gnu-unique)
    target_include_directories(${name}-plugin PRIVATE ${ARG_INCLUDES})
    target_link_libraries(${name}-plugin PRIVATE Playhouse::Sdk ${ARG_LIBRARIES})
    target_link_options(${name}-plugin PRIVATE
        -Wl,--version-script=${PLAYHOUSE_PLUGIN_VERSION_SCRIPT} -Wl,--as-needed -Wl,--no-undefined)
    playhouse_embed_migrations(${name}-plugin ${ARG_MIGRATIONS})
endfunction()

function(playhouse_install_plugin name)
    install(TARGETS ${name}-plugin LIBRARY DESTINATION lib/playhouse/plugins COMPONENT runtime)
endfunction()
