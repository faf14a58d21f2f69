# How everything here is compiled.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

option(PLAYHOUSE_BUILD_TESTS "Build the tests" ON)
option(PLAYHOUSE_WARNINGS_AS_ERRORS "Warnings stop the build" OFF)
set(PLAYHOUSE_SANITIZE "" CACHE STRING "address (with undefined), thread, or fuzz (address and undefined, by clang)")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)
# g++ 12 reports std::optional falsely.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
if(PLAYHOUSE_WARNINGS_AS_ERRORS)
    add_compile_options(-Werror)
endif()

if(PLAYHOUSE_SANITIZE STREQUAL "address")
    # Not vptr: it finds out by a pipe whether memory is readable, and takes good objects for bad ones in tests that leave
    # no descriptor for one.
    add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(PLAYHOUSE_SANITIZE STREQUAL "thread")
    # GCC's -Wtsan warns of fences, which Boost uses and ThreadSanitizer does not model.
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
    add_link_options(-fsanitize=thread)
elseif(PLAYHOUSE_SANITIZE STREQUAL "fuzz")
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()

find_program(PLAYHOUSE_CCACHE ccache)
if(PLAYHOUSE_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PLAYHOUSE_CCACHE})
endif()
find_program(PLAYHOUSE_MOLD mold)
if(PLAYHOUSE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

# Boost libraries are shared, so that host and plugins use one copy.
set(Boost_USE_STATIC_LIBS OFF)
set(Boost_NO_WARN_NEW_VERSIONS ON)
add_compile_definitions(BOOST_ALL_NO_LIB BOOST_JSON_DYN_LINK)
