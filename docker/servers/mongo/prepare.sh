#!/bin/sh
# Once, from inside the container, where MongoDB still lets everybody in: make the replica set and the account.
set -eu
until mongosh --quiet --norc --eval 'db.hello().ok' >/dev/null 2>&1; do
    sleep 0.5
done
exec mongosh --quiet --norc --file /opt/server/prepare.js
