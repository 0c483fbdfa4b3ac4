"""What is measured beside the tests: a module with `SECTION` for each, and a template of the same name."""
