"""Kinds of data that a deployment must keep, found by folder.

Each module has `make(deployment, **headers)`, which returns the id of a new one that the API has accepted, and
`whole(deployment, identity)`, which fails unless it is as it was promised.
"""
