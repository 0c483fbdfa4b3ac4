"""What every API serves beside its product: one module each, discovered, with its blueprint as `bp`."""

# The names of these blueprints, and of the API's document: they tell nothing of anybody's data.
PUBLIC = frozenset({"docs", "health", "index", "metrics", "openapi"})
