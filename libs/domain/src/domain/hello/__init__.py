"""hello: the smallest feature, to copy."""
