"""MongoDB."""

PORT = 27017
# OP_MSG: the command {hello: 1, $db: "admin"}.
GREETING = b"\x34\0\0\0\1\0\0\0\0\0\0\0\xdd\7\0\0\0\0\0\0\0\x1f\0\0\0\x10hello\0\1\0\0\0\2$db\0\6\0\0\0admin\0\0"
SETTINGS: dict[str, str] = {}
HOST_KEY, PORT_KEY, AUTHORITY_KEY = "MONGO_HOST", "MONGO_PORT", "MONGO_TLS_CA_FILE"
ASK = "from common.mongo import connect; connect(settings).admin.command('ping')"
