# playhouse_embed_migrations(TARGET FOLDER [SYMBOL name])
#
# Compiles FOLDER/*.sql into TARGET, as Migrations.h describes them: for a plugin under the name that PLAYHOUSE_PLUGIN
# looks for, or as the SYMBOL of namespace playhouse. Does nothing when there is none. Refuses wrong names.

# Refuses a first comment that speaks of "compatible" in another form than the host reads, which would count as if it
# were absent.
function(playhouse_check_compatibility where text)
    string(ASCII 239 187 191 mark)
    string(FIND "${text}" "${mark}" found)
    if(found EQUAL 0)
        message(FATAL_ERROR "${where} begins with a byte order mark; write it as UTF-8 without one")
    endif()
    # No match may be empty.
    string(REGEX MATCH "^\n[ \t\r\n]*(--[^\n]*\n[ \t\r\n]*)*" comments "\n${text}\n")
    string(REGEX REPLACE "\n-- compatible: (no|yes)[ \t\r]*\n" "\n\n" comments "${comments}")
    # Once more, as the first time takes every other of lines that follow each other.
    string(REGEX REPLACE "\n-- compatible: (no|yes)[ \t\r]*\n" "\n\n" comments "${comments}")
    string(TOLOWER "${comments}" comments)
    if(comments MATCHES "compatible")
        message(FATAL_ERROR "${where}: the line at its beginning is written \"-- compatible: no\" or "
            "\"-- compatible: yes\"; say nothing else of it there")
    endif()
endfunction()

function(playhouse_embed_migrations target folder)
    cmake_parse_arguments(PARSE_ARGV 2 ARG "" "SYMBOL" "")
    file(GLOB files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
    list(SORT files)
    set(entries "")
    set(count 0)
    set(seen "")
    foreach(name IN LISTS files)
        set(where "${folder}/${name}")
        if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+(\\.(sqlite|postgresql))?\\.sql$")
            message(FATAL_ERROR "${where}: a migration is named NNNN_what.sql, NNNN_what.sqlite.sql or "
                "NNNN_what.postgresql.sql, with small letters, digits and _ after the number")
        endif()
        set(number ${CMAKE_MATCH_1})
        set(databases sqlite postgresql)
        if(CMAKE_MATCH_3)
            set(databases ${CMAKE_MATCH_3})
        endif()
        foreach(database IN LISTS databases)
            if("${number}.${database}" IN_LIST seen)
                message(FATAL_ERROR "${where}: there are two migrations ${number} for ${database}; one number has "
                    "either one file for both databases or one for each")
            endif()
            list(APPEND seen "${number}.${database}")
        endforeach()
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${where})
        file(READ ${where} text)
        string(LENGTH "${text}" length)
        if(length EQUAL 0)
            message(FATAL_ERROR "${where} is empty")
        endif()
        playhouse_check_compatibility(${where} "${text}")
        string(FIND "${text}" ")sql-text\"" closing)
        if(NOT closing EQUAL -1)
            message(FATAL_ERROR "${where} holds )sql-text\", which cannot be embedded")
        endif()
        string(APPEND entries "    of(\"${name}\", R\"sql-text(${text})sql-text\"),\n")
        math(EXPR count "${count} + 1")
    endforeach()
    if(count EQUAL 0)
        return()
    endif()
    foreach(entry IN LISTS seen)
        string(REGEX REPLACE "\\..*" "" number ${entry})
        if(NOT "${number}.sqlite" IN_LIST seen OR NOT "${number}.postgresql" IN_LIST seen)
            message(FATAL_ERROR "${folder}: migration ${number} is for one database alone; the other needs a file too")
        endif()
    endforeach()
    if(ARG_SYMBOL)
        set(definition "namespace playhouse { extern const EmbeddedMigrations ${ARG_SYMBOL}; const EmbeddedMigrations ${ARG_SYMBOL}{list, ${count}}; }")
    else()
        set(definition "namespace playhouse::detail { const EmbeddedMigrations playhouseEmbeddedMigrations{list, ${count}}; }")
    endif()
    set(content "// Made of ${folder}/*.sql.
#include <playhouse/PluginDescriptor.h>

#include <string_view>

namespace {

constexpr playhouse::EmbeddedMigration of(const char* name, std::string_view text) {
    return {name, text.data(), text.size()};
}

constexpr playhouse::EmbeddedMigration list[] = {
${entries}};

}  // namespace

${definition}
")
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}-migrations.cpp)
    file(CONFIGURE OUTPUT ${generated} CONTENT "@content@" @ONLY)
    target_sources(${target} PRIVATE ${generated})
    set_source_files_properties(${generated} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
