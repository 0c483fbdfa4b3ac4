"""What counting requests needs of Valkey besides the messages."""

KEYS = {"api": ("limit:*",)}
# A script is checked command by command.
COMMANDS = {"api": ("evalsha", "eval", "script|load", "script|exists", "incr", "expire")}
