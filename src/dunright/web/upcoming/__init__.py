"""Upcoming: what leaves next, read and approved before it does."""
