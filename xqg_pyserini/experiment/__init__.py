"""Runs of several stages together: the quickstart."""
