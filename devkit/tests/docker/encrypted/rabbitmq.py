"""RabbitMQ."""

PORT = 5672
GREETING = b"AMQP\0\0\x09\1"
SETTINGS = {"BROKER": "rabbitmq"}
HOST_KEY, PORT_KEY, AUTHORITY_KEY = "RABBITMQ_HOST", "RABBITMQ_PORT", "BROKER_TLS_CA_FILE"
ASK = "from common.queue.producer import Queue; Queue(settings).ping()"
