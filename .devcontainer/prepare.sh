#!/bin/sh
# Install what development needs of a machine and no wheel brings, and the commands; `invoke install` brings the rest.
set -eu
set -- curl gdb git libcurl4 procps python3-venv
# [console]
set -- "$@" chromium chromium-driver
# [/console]
# [redis]
# They hold a server with TLS, for the tests of encrypted connections.
set -- "$@" redis-tools
# [/redis]
# [rabbitmq]
set -- "$@" rabbitmq-server
# [/rabbitmq]
sh docker/image/packages.sh "$@"
. docker/image/network.sh
python3 -m venv /opt/tools
/opt/tools/bin/pip install --quiet --require-hashes --requirement requirements/ci.txt
# The folders that a container has of its own: those of the host are made for the host's Python and servers.
useradd --uid 1000 --user-group --create-home --shell /bin/bash developer
mkdir -p /workspace/.venv /workspace/.data
chown -R developer:developer /workspace
