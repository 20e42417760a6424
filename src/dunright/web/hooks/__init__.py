"""The address that the books call when something changed."""
