"""Sent: what became of every message."""
