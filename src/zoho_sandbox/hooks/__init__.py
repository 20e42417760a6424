"""Webhooks: what the books tell others by themselves (zoho-books-api.md section 10)."""
