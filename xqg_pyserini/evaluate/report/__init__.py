"""The outputs of an evaluation: scores, tables and a page of plots."""
