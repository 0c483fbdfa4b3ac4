#!/bin/bash
# Start RabbitMQ. Each start makes, or corrects, what the definitions name, whatever the data hold.
set -eu
certificate=/tmp/certificate.pem
# Of both, the messages' port and the page for people.
encrypted() {
    for name in certfile keyfile; do echo "$1.$name = $certificate"; done
    for version in 2 3; do echo "$1.versions.$version = tlsv1.$version"; done
}
(umask 077 && {
    cat /opt/server.conf
    echo "load_definitions = /tmp/definitions.json"
    printf '%s\n' "$RABBITMQ_ACCOUNTS" >/tmp/definitions.json
    if [ "$TLS" != 0 ]; then
        printf '%s\n' "${RABBITMQ_CERTIFICATE:?is made by the commands, such as invoke up}" >"$certificate"
        encrypted ssl_options
        encrypted management.ssl
        # The ports are the same, with encryption and without; on the last one the health check asks from inside.
        printf '%s\n' 'listeners.tcp = none' 'listeners.ssl.default = 5672' 'ssl_options.verify = verify_none' \
            'management.ssl.port = 15672' 'management.tcp.ip = 127.0.0.1' 'management.tcp.port = 15673'
    fi
} >/tmp/rabbitmq.conf)
unset RABBITMQ_CERTIFICATE RABBITMQ_ACCOUNTS
export RABBITMQ_CONFIG_FILE=/tmp/rabbitmq.conf
export RABBITMQ_ENABLED_PLUGINS_FILE=/opt/server/enabled_plugins
# Erlang reserves memory for every file it may open, and some engines allow a thousand million.
[ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -le 65536 ] || ulimit -n 65536
exec rabbitmq-server
