"""Training rows: queries with their passages, in the formats they come in."""
