#!/bin/sh
# Healthy: it has loaded its data and answers.
[ "$TLS" = 0 ] || set -- --tls --cacert /tmp/certificate.pem
export REDISCLI_AUTH="$REDIS_PASSWORD"
"$(command -v valkey-cli || command -v redis-cli)" --user "$REDIS_USER" "$@" ping | grep -q PONG
