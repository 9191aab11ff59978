"""Training of generators of queries."""
