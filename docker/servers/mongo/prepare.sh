#!/bin/sh
# Once, from inside the container, where MongoDB still lets everybody in: make the replica set and the account.
set -eu
set -- --quiet --norc
[ "$TLS" = 0 ] || set -- "$@" --tls --tlsCAFile /tmp/certificate.pem
until mongosh "$@" --eval 'db.hello().ok' >/dev/null 2>&1; do
    sleep 0.5
done
exec mongosh "$@" --file /opt/server/prepare.js
