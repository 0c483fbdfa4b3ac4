"""What is added to the page, found by folder; the template of the same name draws it.

Each module has `install(app, console)`, and `look(console, has_database)`, which returns what it sees: a `Seen` of
`admin.console.overview`.
"""
