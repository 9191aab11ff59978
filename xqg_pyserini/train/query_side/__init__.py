"""Training of the queries' side on misspelled queries, with the index as it is."""
