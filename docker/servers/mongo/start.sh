#!/bin/sh
# Start mongod as a replica set of one node that asks for passwords. The first start makes the set, and each one makes or
# corrects the accounts.
set -eu
key=/tmp/keyfile
# Members of a replica set trust each other by a key, and with it authentication is on. This one member meets no other,
# so its key need not outlive it.
(umask 377 && head -c 96 /dev/urandom | base64 >"$key")
set -- --config /opt/server.conf --dbpath /data/db --bind_ip_all --nounixsocket --keyFile "$key"
if [ "$TLS" != 0 ]; then
    certificate=/tmp/certificate.pem
    (umask 077 && printf '%s\n' "${MONGO_CERTIFICATE:?is made by the commands, such as invoke up}" >"$certificate")
    # Clients have passwords and need no certificates; each without one would be worth a warning. Nor does this one
    # member show its own, which is a server's only, when it asks itself.
    set -- "$@" --tlsMode requireTLS --tlsDisabledProtocols TLS1_0,TLS1_1 \
        --tlsCertificateKeyFile "$certificate" --tlsCAFile "$certificate" \
        --tlsAllowConnectionsWithoutCertificates --setParameter suppressNoTLSPeerCertificateWarning=true \
        --setParameter tlsWithholdClientCertificate=true
fi
unset MONGO_CERTIFICATE
rm -f /tmp/prepared
# What it prepares needs a running server.
{ sh /opt/server/prepare.sh && touch /tmp/prepared; } &
# The server itself needs no password.
unset MONGO_ADMIN_PASSWORD MONGO_PASSWORD MONGO_API_PASSWORD
# [queue]
unset MONGO_WORKER_PASSWORD
# [/queue]
exec mongod "$@"
