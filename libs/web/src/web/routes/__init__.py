"""What every API serves beside its product: one module each, discovered, with its blueprint as `bp`."""
