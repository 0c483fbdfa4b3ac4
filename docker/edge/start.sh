#!/bin/sh
# Start HAProxy. The certificate and its key come in a private file, for HAProxy reads them from nowhere else.
set -eu
export EDGE_CERTIFICATE_FILE=/tmp/certificate.pem
(umask 077 && printf '%s\n' "$EDGE_CERTIFICATE" >"$EDGE_CERTIFICATE_FILE")
unset EDGE_CERTIFICATE
# [console]
[ -n "$EDGE_CONSOLE_NAME" ] || unset EDGE_CONSOLE_NAME
# [/console]
exec haproxy -W -db -f /opt/haproxy.cfg
