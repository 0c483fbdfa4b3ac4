"""The product: one folder per feature; knows no Flask and no environment."""
