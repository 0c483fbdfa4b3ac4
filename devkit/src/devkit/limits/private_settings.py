"""What a stack of its own is told."""

SETTINGS = {"RATE_LIMITS": "off"}
