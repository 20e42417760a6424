"""The mail servers of `tests/mail`, for commands that speak to one."""

from tests.mail.conftest import aiosmtpd_server, authenticated, certificate, free_port, keeper

__all__ = ["aiosmtpd_server", "authenticated", "certificate", "free_port", "keeper"]
