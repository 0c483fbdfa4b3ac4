"""How a stack is measured without keys, and with them."""

WHAT = "keys"
OFF = {"API_AUTH": "optional"}
ON = {"API_AUTH": "required"}
