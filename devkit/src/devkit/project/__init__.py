"""A new product: made by copier from the starter's files as they are, and then made its own by one task."""
