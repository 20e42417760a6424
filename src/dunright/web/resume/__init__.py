"""Resume: let reminders leave again; the first time, how old invoices begin is chosen."""
