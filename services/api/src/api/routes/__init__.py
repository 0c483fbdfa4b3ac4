"""One module per feature, discovered: each brings its blueprint as `bp`."""
