"""`python -m mail_catcher`, the same as `mail-catcher`."""

from mail_catcher.cli import main

main()
