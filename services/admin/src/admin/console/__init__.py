"""The console: a page for operators and developers on 127.0.0.1, `python -m admin.console`.

It shows the parts of the stack, and a panel for each feature that has one. It has no accounts, so it
listens on the loopback address alone; production does not start it. The rest of the service does not know it.
"""
