#!/bin/sh
# Start Valkey, or Redis where that is what the image holds. The accounts and the certificate come in private files, for a
# command line is seen by everybody.
set -eu
certificate=/tmp/certificate.pem
umask 077
{ cat /opt/server.conf && printf '%s\n' "$REDIS_ACCOUNTS" && echo "dir /data"; } >/tmp/valkey.conf
if [ "$TLS" != 0 ]; then
    printf '%s\n' "${REDIS_CERTIFICATE:?is made by the commands, such as invoke up}" >"$certificate"
    {
        printf 'tls-%s\n' 'port 6379' 'auth-clients no' 'protocols "TLSv1.2 TLSv1.3"' \
            "cert-file $certificate" "key-file $certificate"
        echo "port 0"
    } >>/tmp/valkey.conf
fi
unset REDIS_CERTIFICATE REDIS_ACCOUNTS
exec "$(command -v valkey-server || command -v redis-server)" /tmp/valkey.conf
