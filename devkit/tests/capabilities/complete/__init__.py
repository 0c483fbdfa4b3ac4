"""What is tried with a product as a whole besides its suite, found by folder.

Each module has `check(product)`, which fails when a product that has that capability does not work.
"""
