"""Environment variables of libraries that a service brings, found by folder.

Each module has `PREFIXES`, families of variables of which new members may come with each version, and `NAMES`. It
imports nothing: a library may read its variables when it is imported.
"""
