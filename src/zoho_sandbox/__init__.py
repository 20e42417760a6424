"""A Zoho Books to run on your own machine: OAuth pages, API, limits, faults and a demo company.

Imports nothing of dunright. Start it with `zoho-sandbox`, or in tests with `zoho_sandbox.testing.running_sandbox`.
"""
