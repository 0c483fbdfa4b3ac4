#!/bin/sh
# Start Valkey, or Redis where that is what the image holds. The password comes in a private file, for a command line is
# seen by everybody.
set -eu
(umask 077 && { cat /opt/server.conf && echo "requirepass $REDIS_PASSWORD" && echo "dir /data"; } >/tmp/valkey.conf)
exec "$(command -v valkey-server || command -v redis-server)" /tmp/valkey.conf
