"""The servers of the deployment, found by folder, as something that wants to speak to them sees them.

Each module bears the name of a server and has `PORT` inside of its container, and `GREETING`, to which it answers
anybody who may speak to it; `HOST_KEY`, `PORT_KEY` and `AUTHORITY_KEY`, the settings by which services reach and trust
it; `SETTINGS` by which it is chosen; and `ASK`, in Python, by which a service with `settings` asks whether it is there.
"""
