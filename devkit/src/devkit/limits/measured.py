"""How a stack is measured without limits, and with one that nobody reaches."""

WHAT = "limits"
OFF = {"RATE_LIMITS": "off"}
ON = {"RATE_LIMITS": "on", "RATE_LIMIT_READ": "999999999/minute"}
