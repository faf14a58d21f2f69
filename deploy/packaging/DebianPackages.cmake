# The packages `playhouse` and `playhouse-sdk`.

# A server's own configuration is not touched by an upgrade.
install(FILES playhouse.properties DESTINATION /etc/playhouse COMPONENT configuration EXCLUDE_FROM_ALL)
install(FILES playhouse.service DESTINATION lib/systemd/system COMPONENT configuration EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME playhouse)
set(CPACK_PACKAGE_VENDOR "The Playhouse authors")
set(CPACK_PACKAGE_CONTACT "The Playhouse authors <playhouse@localhost>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)

set(CPACK_COMPONENTS_ALL runtime configuration sdk)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENT_RUNTIME_GROUP playhouse)
set(CPACK_COMPONENT_CONFIGURATION_GROUP playhouse)
set(CPACK_COMPONENT_SDK_GROUP sdk)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PLAYHOUSE_PACKAGE_NAME playhouse)
set(CPACK_DEBIAN_PLAYHOUSE_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PLAYHOUSE_DESCRIPTION "Packages video as HLS and DASH while it is asked for. Each service is a plugin
 that is switched on, off and over to a new version while viewers keep watching.")
set(CPACK_DEBIAN_PLAYHOUSE_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PLAYHOUSE_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/conffiles)
set(CPACK_DEBIAN_SDK_PACKAGE_NAME playhouse-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SDK_DESCRIPTION "To make plugins: what find_package(PlayhouseSdk) needs, fakes to test a plugin
 without a server, and a complete plugin to copy.")
set(CPACK_DEBIAN_SDK_PACKAGE_DEPENDS "playhouse (= ${PROJECT_VERSION}), libboost1.81-dev, libboost-json1.81-dev, libpoco-dev, libsqlite3-dev, g++ (>= 4:12), cmake (>= 3.25), make | ninja-build")

include(CPack)
