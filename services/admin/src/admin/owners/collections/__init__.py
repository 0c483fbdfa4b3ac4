"""Collections where an owner is more than the field `owner`, found by folder.

Each module has `COLLECTIONS`, their names, and `give`, which is a `Give` of `admin.owners.documents`.
"""
