"""What is known by heart or compiled: layouts, readings, confusions, marks."""
