#!/bin/bash
# Start RabbitMQ. Its virtual host, user and permissions are made on the first start, from the settings.
set -eu
(umask 077 && {
    cat /opt/server.conf
    echo "default_vhost = $PROJECT"
    echo "default_user = $RABBITMQ_USER"
    echo "default_pass = $RABBITMQ_PASSWORD"
    for right in configure read write; do echo "default_permissions.$right = .*"; done
} >/tmp/rabbitmq.conf)
export RABBITMQ_CONFIG_FILE=/tmp/rabbitmq.conf
export RABBITMQ_ENABLED_PLUGINS_FILE=/opt/server/enabled_plugins
# Erlang reserves memory for every file it may open, and some engines allow a thousand million.
[ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -le 65536 ] || ulimit -n 65536
exec rabbitmq-server
