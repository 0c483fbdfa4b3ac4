"""The console: a page for operators and developers on 127.0.0.1, `python -m admin.console`.

It shows the parts of the stack, and a panel for each feature that has one. It listens on the loopback address alone,
and in production it asks for a password. The rest of the service does not know it.
"""
