"""What the page at `/` is made of. Each module, discovered, is a feature's part of it, drawn by the template beside it.

It brings `show()`, which answers what the template needs from the database, and `accept(fields)`, which does what the
part's form asks for, answers the id of the element to land at, and raises FormError for what is wrong with the fields.
"""
