#!/bin/sh
# Second build step: what one service needs, as its lock says, and what builds our own packages.
set -eu
. docker/image/network.sh
/opt/build/bin/pip install --quiet --require-hashes --requirement requirements/build.txt
/opt/build/bin/pip --python /opt/app/bin/python install --quiet --require-hashes --requirement "requirements/$1.txt"
