"""The commands of `invoke`: what they are called, what they take, and which module does it.

They run with whatever Python invoke was installed for, so they do next to nothing themselves: the work is done by
modules run with `.venv`'s Python, which is made when it is missing and brought up to date when the locks change.
"""
