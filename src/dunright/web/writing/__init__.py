"""Writing: a reminder by hand, chosen and worded by a person."""
