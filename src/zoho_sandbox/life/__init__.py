"""What happens in the books: documents written, paid, changed and undone, by people or by the plan."""
