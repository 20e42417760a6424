"""What to do when the mail server or provider does not let Dunright in: for `check` and settings pages."""

from typing import Final

from dunright.mail.errors import NotAccepted, TryLater
from dunright.mail.providers import ProviderAccount
from dunright.mail.server import MailServer
from dunright.mail.trouble import Trouble, trouble_of

_OF_A_SERVER: Final[dict[Trouble, str]] = {
    "host": "Correct the host name in {variable}, or this machine's DNS.",
    "closed_port": "Correct the port in {variable} (usual: 587 for smtp://, 465 for smtps://), or start that server.",
    "silence": "Correct host and port in {variable}; if they are right, a firewall on the way is closed: "
    "many hosting companies block port 25, and open 587 or 465.",
    "certificate": "Write the host name that the certificate is made out to; for an authority of your own "
    "give its file: ?ca_file=/path/authority.pem.",
    "tls": "smtps:// is for a port that is encrypted from the first byte (465), smtp:// for one that switches (587): "
    "correct {variable}.",
    "hung_up": "Look into that server's log: it may not let this machine connect, or expect encryption "
    "from the first byte (smtps://, port 465).",
}
_OF_A_PROVIDER: Final[dict[Trouble, str]] = {
    "host": "Correct this machine's DNS.",
    "closed_port": "Open the way out of this machine to port 443.",
    "silence": "Open the way out of this machine to port 443, or wait until the provider answers again.",
    "certificate": "Something on the way presents its own certificate: let this machine reach the provider directly.",
    "tls": "Something on the way does not speak TLS: let this machine reach the provider directly.",
    "hung_up": "Try again; if it stays so, look at the provider's status page.",
}


def what_to_do(error: NotAccepted, server: MailServer | ProviderAccount, *, variable: str) -> str:
    """One sentence or two: the remedy for an error of `check()`. `variable` names the setting that holds the URL."""
    if not isinstance(error, TryLater):
        return "Try again."
    if isinstance(server, ProviderAccount):
        return _for_provider(error, server, variable)
    if error.stage == "login":
        if not error.reply.is_permanent:
            return "Try again; the server could not check the password at the moment."
        if not server.username:
            return f"Put user and password into {variable}: smtp://user:password@host:port."
        return (
            f"Correct user and password in {variable}; characters such as @ or / are written as %40 or %2F, "
            "and some services want a password made for apps."
        )
    if error.stage == "tls" and error.__cause__ is None:
        return (
            "Use smtps:// where the server has a port that is encrypted from the first byte; "
            "?starttls=never only where nobody can listen in between."
        )
    trouble = trouble_of(error)
    if trouble != "other" and error.reply.code == 0:
        return _OF_A_SERVER[trouble].format(variable=variable)
    return "Look into that server's log for why it turns this machine away."


def _for_provider(error: TryLater, account: ProviderAccount, variable: str) -> str:
    label = account.provider.label
    if error.stage == "login":
        domain = (
            f" and the domain {account.domain} (with ?region=eu for an account there)"
            if account.domain
            else ""
        )
        return f"Correct the key in {variable}{domain}, or put your account at {label} in order."
    trouble = trouble_of(error)
    if trouble != "other" and error.stage == "connect":
        return _OF_A_PROVIDER[trouble]
    return f"Try again; if it stays so, look at {label}'s status page."
