#!/bin/bash
# Healthy: the broker listens, which it does after all else is up, and the node's management page answers.
# `rabbitmq-diagnostics` would start an Erlang machine of its own for each question, a second of a core; half a handshake,
# AMQP's or TLS's, would put a line into the log each time, so the kernel is asked who listens.
set -eu
printf -v port ':%04X 0+:0000 0A ' 5672
cat /proc/net/tcp* | grep --quiet --extended-regexp "$port"
[ "$TLS" = 0 ] && page=15672 || page=15673
exec 3<>"/dev/tcp/127.0.0.1/$page"
printf 'HEAD / HTTP/1.0\r\n\r\n' >&3
timeout 2 head --lines 1 <&3 | grep --quiet ' 200 '
