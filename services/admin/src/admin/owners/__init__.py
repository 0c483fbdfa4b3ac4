"""Documents without an owner, and how they get one: what was stored before the API asked for keys."""
