"""Training of dual encoders on queries with their passages."""
