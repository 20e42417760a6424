"""The control API under /sandbox/api: clock, faults, limits, life, for tests and tools."""
