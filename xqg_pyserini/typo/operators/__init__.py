"""Typing slips, one small class each; a new slip is one new file that ends in ``register``."""
