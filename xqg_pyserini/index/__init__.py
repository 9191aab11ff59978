"""Index directories: augmenting them with generated queries, in a stream."""
