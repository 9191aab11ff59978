"""Query encoders taught to read misspelt queries, while the passage side and every index of it stay as they are."""
