"""Who may make an account: asked by allauth, answered by the installation's setting."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from dunright.services import accounts


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth leaves to an installation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the setting is the same for all
        """Whether the page that makes an account is open to visitors."""
        return accounts.may_register()
