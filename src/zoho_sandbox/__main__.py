"""`python -m zoho_sandbox` is the command `zoho-sandbox`."""

from zoho_sandbox.cli import main

main()
