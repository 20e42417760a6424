"""Zoho Books, read directly through its API v3 (zoho-books-api.md)."""
