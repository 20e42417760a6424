"""The Books API: what is asked under /books/v3 and how Zoho answers."""
