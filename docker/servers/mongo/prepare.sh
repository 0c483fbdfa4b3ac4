#!/bin/sh
# At each start, from inside the container, where an empty MongoDB lets everybody in: make the replica set and accounts.
set -eu
set -- --quiet --norc
[ "$TLS" = 0 ] || set -- "$@" --tls --tlsCAFile /tmp/certificate.pem
until mongosh "$@" --eval 'db.hello().ok' >/dev/null 2>&1; do
    sleep 0.5
done
exec mongosh "$@" --file /opt/server/prepare.js
