"""State in one SQLite file: encoded JSON per record beside the columns that are filtered or sorted."""
