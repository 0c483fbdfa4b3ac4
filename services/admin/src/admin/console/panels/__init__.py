"""The panels of the page, found by folder: each module is a feature's, drawn by the template of the same name.

It has `show(console)`, which returns what the template needs from the database, and `submit(console, fields)`, which
does what the panel's form asks for, returns the id of the element to scroll to, and raises FormError.
"""
