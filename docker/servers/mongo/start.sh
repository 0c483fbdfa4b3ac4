#!/bin/sh
# Start mongod as a replica set of one node that asks for passwords. The first start makes the set and the account.
set -eu
key=/tmp/keyfile
# Members of a replica set trust each other by a key, and with it authentication is on. This one member meets no other,
# so its key need not outlive it.
(umask 377 && head -c 96 /dev/urandom | base64 >"$key")
# Only the first start finds nothing here; what it prepares needs a running server.
[ -e /data/db/prepared ] || { sh /opt/server/prepare.sh && touch /data/db/prepared; } &
exec mongod --config /opt/server.conf --dbpath /data/db --bind_ip_all --nounixsocket --keyFile "$key"
