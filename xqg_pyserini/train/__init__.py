"""Training query encoders on misspelled queries, while the passage side and every index of it stay as they are."""
