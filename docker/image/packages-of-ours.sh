#!/bin/sh
# Last build step: our own packages, built without asking any index, and the settings file they take defaults from.
set -eu
folders=""
for folder in "$@"; do folders="$folders ./$folder"; done
# shellcheck disable=SC2086 # a list of folders without spaces
/opt/build/bin/pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir wheels $folders
/opt/build/bin/pip --python /opt/app/bin/python install --quiet --no-index --no-deps wheels/*.whl
cp .env /opt/app/.env
# The code is not writable where it runs, so what pip has not compiled would be compiled at each start.
/opt/app/bin/python -m compileall -q /opt/app/lib
