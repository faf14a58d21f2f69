#!/bin/sh
# check-unloadable.sh DIRECTORY...
#
# Fails when a plugin library in one of the directories has symbols of the binding GNU_UNIQUE, which keep it in memory
# after dlclose(), or exports more than its descriptor.

set -eu
status=0
seen=0
for library in $(find "$@" -name '*.so' 2>/dev/null); do
    seen=$((seen + 1))
    unique=$(readelf --wide --dyn-syms "$library" | awk '$5 == "UNIQUE" { print $8 }')
    if [ -n "$unique" ]; then
        echo "$library cannot be unloaded; build it with playhouse_add_plugin(). GNU_UNIQUE symbols:" "$unique"
        status=1
    fi
    exported=$(readelf --wide --dyn-syms "$library" |
        awk '$7 ~ /^[0-9]+$/ && $5 != "LOCAL" && $8 != "playhousePluginDescriptor" { print $8 }')
    case $library in
    */no-plugin.so | *san*) ;;
    *)
        if [ -n "$exported" ]; then
            echo "$library exports more than its descriptor; build it with playhouse_add_plugin():" "$exported"
            status=1
        fi
        ;;
    esac
done
if [ "$seen" -eq 0 ]; then
    echo "no plugin libraries in $*"
    status=1
fi
echo "$seen libraries looked at"
exit $status
