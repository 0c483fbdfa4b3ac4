"""The panels of the page, found by folder: each module is a feature's, drawn by the template of the same name.

It has `show(console)`, which returns what the template needs from the database. One with a form has
`submit(console, fields)` too, which does what the form asks for, returns the id of the element to scroll to, and raises
FormError.
"""
