"""What is added to the API, found by folder.

Each module has `install(app)`, which is called before the routes are registered. It may have `READINESS`, an
`web.readiness.Addition`, and `collectors(app)`, which returns what else the metrics tell.
"""
