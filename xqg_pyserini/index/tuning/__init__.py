"""Tuning approximate search: recall and latency of a grid of index and search parameters."""
