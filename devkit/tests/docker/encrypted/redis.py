"""Valkey or Redis."""

PORT = 6379
GREETING = b"PING\r\n"
SETTINGS = {"BROKER": "redis"}
HOST_KEY, PORT_KEY, AUTHORITY_KEY = "REDIS_HOST", "REDIS_PORT", "BROKER_TLS_CA_FILE"
ASK = "from common.queue.producer import Queue; Queue(settings).ping()"
