"""Do misspellings in training help low-resource languages more? From a table of scores to tests and models."""
