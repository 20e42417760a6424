"""A demo company generated from a seed, with books that look real."""
