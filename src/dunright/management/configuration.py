"""The environment variables that Dunright reads, in one table.

A variable that starts with `DUNRIGHT_` and is not in the table is an error that names the nearest one:
a misspelt setting would otherwise be ignored in silence.
"""

import contextlib
import difflib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from dunright.mail.post import read_mail_url
from dunright.mail.server import MailServerError

PREFIX = "DUNRIGHT_"


class ConfigurationError(Exception):
    """A setting that cannot be used; the message is one sentence that names it and the remedy."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name without the prefix, its default and what it does."""

    name: str
    default: str
    help: str

    @property
    def full_name(self) -> str:
        return PREFIX + self.name


VARIABLES = (
    Variable(
        "DATABASE_URL", "", "Address of a PostgreSQL database; empty: an SQLite file in the data folder."
    ),
    Variable("SECRET_KEY", "", "Signs cookies and links; made in the data folder when empty."),
    Variable("ENCRYPTION_KEYS", "", "Fernet keys separated by commas; the first encrypts, all decrypt."),
    Variable("BASE_URL", "http://127.0.0.1:8000", "Where people reach Dunright."),
    Variable("TRUSTED_PROXIES", "0", "How many reverse proxies stand in front."),
    Variable("DATA_DIR", "var", "Folder for the database, keys and queue."),
    Variable(
        "EMAIL_URL",
        "",
        "The mail server or provider: smtp://user:password@host:587, smtps://… or anymail+postmark://TOKEN@",
    ),
    Variable("ZOHO_CLIENT_ID", "", "Client id of your Zoho API client."),
    Variable("ZOHO_CLIENT_SECRET", "", "Client secret of your Zoho API client."),
    Variable("ZOHO_SANDBOX_URL", "", "Address of a Zoho Books sandbox; adds the data centre `sandbox`."),
    Variable("REGISTRATION", "", "open, invite or closed; empty: open until the first account, then invite."),
    Variable("TRIAL_DAYS", "14", "Days of trial for companies that sign up later; 0: none."),
    Variable("SUPPORT_EMAIL", "", "Where people ask for help."),
    Variable("LOG_FORMAT", "console", "console or json."),
)
_BY_NAME = {variable.name: variable for variable in VARIABLES}


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """Raise ConfigurationError for the first `DUNRIGHT_…` variable that does not exist."""
    known = [variable.full_name for variable in VARIABLES]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
            message = f"{name} is no setting of Dunright; did you mean {near}? Correct or remove it."
            raise ConfigurationError(message)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings in force, read once at start."""

    database_url: str
    secret_key: str
    encryption_keys: tuple[str, ...]
    base_url: str
    trusted_proxies: int
    data_dir: Path
    email_url: str
    zoho_client_id: str
    zoho_client_secret: str
    zoho_sandbox_url: str
    registration: str
    trial_days: int
    support_email: str
    log_format: str


def read(environ: Mapping[str, str]) -> Configuration:
    """Read and check the environment; make the data folder and its keys when they are missing.

    Raises ConfigurationError with one sentence for anything that cannot be used.
    """
    refuse_unknown(environ)
    data_dir = Path(_text(environ, "DATA_DIR")).resolve()
    database_url = _text(environ, "DATABASE_URL")
    shared = bool(database_url)
    _make_folder(data_dir)
    keys = _key(environ, "ENCRYPTION_KEYS", data_dir / "encryption.key", shared=shared)
    return Configuration(
        database_url=database_url,
        secret_key=_key(environ, "SECRET_KEY", data_dir / "secret.key", shared=shared),
        encryption_keys=_fernet_keys(keys),
        base_url=_address(environ, "BASE_URL"),
        trusted_proxies=_number(environ, "TRUSTED_PROXIES", most=10),
        data_dir=data_dir,
        email_url=_mail_url(environ, "EMAIL_URL"),
        zoho_client_id=_text(environ, "ZOHO_CLIENT_ID"),
        zoho_client_secret=_text(environ, "ZOHO_CLIENT_SECRET"),
        zoho_sandbox_url=_address(environ, "ZOHO_SANDBOX_URL"),
        registration=_choice(environ, "REGISTRATION", ("", "open", "invite", "closed")),
        trial_days=_number(environ, "TRIAL_DAYS", most=3650),
        support_email=_text(environ, "SUPPORT_EMAIL"),
        log_format=_choice(environ, "LOG_FORMAT", ("console", "json")),
    )


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(PREFIX + name, "").strip() or _BY_NAME[name].default


def _number(environ: Mapping[str, str], name: str, *, most: int) -> int:
    text = _text(environ, name)
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        message = f"{PREFIX}{name} is {text!r}; it takes a whole number from 0 to {most}."
        raise ConfigurationError(message)
    return int(text)


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = _text(environ, name)
    if text not in choices:
        message = f"{PREFIX}{name} is {text!r}; it takes {', '.join(choice for choice in choices if choice)}."
        raise ConfigurationError(message)
    return text


def _address(environ: Mapping[str, str], name: str) -> str:
    text = _text(environ, name).rstrip("/")
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        usable = usable and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        usable = False
    if not usable:
        message = f"{PREFIX}{name} is {text!r}; it takes an address such as https://dunright.company.example."
        raise ConfigurationError(message)
    return text


def _mail_url(environ: Mapping[str, str], name: str) -> str:
    text = _text(environ, name)
    try:
        if text:
            read_mail_url(text)
    except MailServerError as error:
        # From None: an error further down may repeat a part of the URL, and it holds a secret.
        message = f"{PREFIX}{name} cannot be used. {error}"
        raise ConfigurationError(message) from None
    return text


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = (
            f"The data folder {folder} cannot be made ({error.strerror}); "
            f"set {PREFIX}DATA_DIR to one you may write to."
        )
        raise ConfigurationError(message) from error


def _key(environ: Mapping[str, str], name: str, file: Path, *, shared: bool) -> str:
    """Take a key from the environment, else from its file, else make the file (only for one host)."""
    if given := _text(environ, name):
        return given
    if shared:
        message = (
            f"{PREFIX}{name} is missing; with {PREFIX}DATABASE_URL every host must be given the same one."
        )
        raise ConfigurationError(message)
    try:
        if not file.exists():
            _make_key(file)
        return file.read_text(encoding="ascii").strip()
    except OSError as error:
        message = (
            f"The key file {file} cannot be made or read ({error.strerror}); make the data folder writable."
        )
        raise ConfigurationError(message) from error


def _make_key(file: Path) -> None:
    """Make the file with a new key, whole or not at all; of several that start at once, the first one's counts."""
    # For its owner's eyes only, as mkstemp makes it.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(Fernet.generate_key().decode("ascii"))
            handle.flush()
            os.fsync(handle.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _fernet_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        keys = ()
    if not keys:
        # The value itself is a secret: it is not repeated here.
        message = f"{PREFIX}ENCRYPTION_KEYS holds a key that is no Fernet key (32 bytes in URL-safe base64)."
        raise ConfigurationError(message)
    return keys
