"""A package whose own names do not matter."""
