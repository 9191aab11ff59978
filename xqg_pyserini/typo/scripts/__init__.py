"""How writing systems behave: text to keystrokes and back, and what a well-formed cluster is."""
