"""Accounting systems: each a folder that turns what it reads into `dunright.domain.records`. No Django, no tables."""
