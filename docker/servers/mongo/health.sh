#!/bin/bash
# Healthy: prepared, and the answer to `hello` says that this node takes writes. Spoken in MongoDB's wire protocol over
# a socket of the shell or of OpenSSL, for starting MongoDB's own shell takes a second of a core each time.
set -eu
test -e /tmp/prepared
if [ "$TLS" = 0 ]; then
    exec 3<>/dev/tcp/127.0.0.1/27017 4<&3
else
    coproc exec openssl s_client -quiet -connect 127.0.0.1:27017 -CAfile /tmp/certificate.pem \
        -verify_ip 127.0.0.1 -verify_return_error 2>/dev/null
    # It stays until the server closes, and a process that nobody waits for stays after it has ended.
    # shellcheck disable=SC2154 # COPROC_PID is set by coproc
    trap 'kill "$pid" 2>/dev/null; wait' EXIT
    pid=$COPROC_PID
    exec 3>&"${COPROC[1]}" 4<&"${COPROC[0]}"
fi
# OP_MSG, 52 bytes: the command {hello: 1, $db: "admin"}.
# shellcheck disable=SC2016 # $db is the name of a member
printf '\x34\0\0\0\1\0\0\0\0\0\0\0\xdd\7\0\0\0\0\0\0\0\x1f\0\0\0\x10hello\0\1\0\0\0\2$db\0\6\0\0\0admin\0\0' >&3
timeout 2 head --bytes 300 <&4 | grep --quiet --text --perl-regexp 'isWritablePrimary\x00\x01'
