#!/bin/sh
# Last build step: our own packages that one service needs, built without asking any index, and the settings file they
# take defaults from.
set -eu
pip="/opt/build/bin/pip"
$pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir wheels ./libs/*
$pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir service "./services/$1"
# What the service needs of others is there already, so of ours only what it needs is taken.
$pip --python /opt/app/bin/python install --quiet --no-compile --no-index --find-links wheels service/*.whl
cp .env /opt/app/.env
# The code is not writable where it runs, so what is not compiled would be compiled at each start. By the hash of the
# source in place of its time, so that two builds of one commit hold the same files.
PYTHONHASHSEED=0 /opt/app/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/app/lib
