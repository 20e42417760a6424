"""Small pages for a person to look at the company and to play its customers."""
