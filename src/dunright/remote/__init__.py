"""Talking HTTP to other people's systems: one client, typed errors, OAuth 2.0. Knows no vendor and no table."""
