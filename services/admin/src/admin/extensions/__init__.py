"""What is added to the commands, found by folder: each module has `INDEXES`, the collections with indexes it needs.

A collection of a feature may be among them: then it has these indexes beside its own. `ACCESS`, where a module has it,
are collections without indexes, for what services do with them.
"""
