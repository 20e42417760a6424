"""Zoho Accounts: the consent page, tokens, and what kills them."""
