"""Measurements that people repeat: how fast, how much, and whether it stays so."""
