#!/bin/bash
# Healthy: the broker's port takes connections, which it does after all else is up, and the node's management page
# answers. `rabbitmq-diagnostics` would start an Erlang machine of its own for each question, a second of a core; half
# an AMQP handshake would put a warning into the log each time.
set -eu
: 3<>/dev/tcp/127.0.0.1/5672
exec 3<>/dev/tcp/127.0.0.1/15672
printf 'HEAD / HTTP/1.0\r\n\r\n' >&3
timeout 2 head --lines 1 <&3 | grep --quiet ' 200 '
