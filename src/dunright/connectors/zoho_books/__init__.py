"""Zoho Books, read directly through its API v3 (zoho-books-api.md)."""

from dunright.connectors.zoho_books.connector import ZohoBooks

__all__ = ["ZohoBooks"]
