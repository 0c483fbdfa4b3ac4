#!/bin/sh
# Second build step: what one service needs, as its lock says, and what builds our own packages.
set -eu
. docker/image/network.sh
/opt/build/bin/pip install --quiet --require-hashes --requirement requirements/build.txt
# Compiled in the last step.
/opt/build/bin/pip --python /opt/app/bin/python install --quiet --no-compile --require-hashes --requirement "requirements/$1.txt"
