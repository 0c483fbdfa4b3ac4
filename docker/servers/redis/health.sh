#!/bin/sh
# Healthy: it has loaded its data and answers.
REDISCLI_AUTH=$REDIS_PASSWORD "$(command -v valkey-cli || command -v redis-cli)" ping | grep -q PONG
