"""Columns for money and for secrets."""

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable

SCALE = 10_000
"""Amounts are stored as whole ten-thousandths of the currency unit (design.md section 4)."""
_LARGEST = Decimal(2**63 - 1) / SCALE


class SecretUnreadableError(Exception):
    """A stored secret that none of the keys in force can read."""


def to_stored(amount: Decimal) -> int:
    """Ten-thousandths of a unit. Raises ValidationError for what cannot be stored exactly."""
    if not amount.is_finite() or abs(amount) > _LARGEST:
        message = f"{amount} is no amount that can be stored."
        raise ValidationError(message)
    scaled = amount * SCALE
    stored = int(scaled)
    if stored != scaled:
        message = f"{amount} has more than four decimals."
        raise ValidationError(message)
    return stored


def from_stored(stored: int) -> Decimal:
    """The amount of a stored number of ten-thousandths."""
    if stored % 100 == 0:
        # Two decimals as people write them; finer ones only where there are any.
        return Decimal(stored // 100).scaleb(-2)
    return Decimal(stored).scaleb(-4)


if TYPE_CHECKING:
    _MoneyColumn = models.BigIntegerField[Decimal | int | Combinable, Decimal]
    _TextColumn = models.TextField[str, str]
else:
    # Django's fields take no type arguments at run time.
    _MoneyColumn, _TextColumn = models.BigIntegerField, models.TextField


class MoneyField(_MoneyColumn):
    """A Decimal in Python, whole ten-thousandths in the database: sums in SQL are exact everywhere."""

    def from_db_value(self, value: int | None, *_: Any) -> Decimal | None:
        return None if value is None else from_stored(int(value))

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, Decimal) else Decimal(str(value))

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else to_stored(Decimal(value))


@lru_cache(maxsize=1)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(secret: str) -> str:
    """The secret under the first key in force."""
    return _cipher(settings.ENCRYPTION_KEYS).encrypt(secret.encode()).decode("ascii")


def decrypt(stored: str) -> str:
    """The secret again. Raises SecretUnreadableError when no key fits."""
    try:
        return _cipher(settings.ENCRYPTION_KEYS).decrypt(stored.encode("ascii")).decode()
    except (InvalidToken, UnicodeEncodeError) as error:
        message = "A stored secret cannot be read with DUNRIGHT_ENCRYPTION_KEYS; add the earlier key to them."
        raise SecretUnreadableError(message) from error


class EncryptedTextField(_TextColumn):
    """Text that stands encrypted in the database; empty stays empty."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value)) if value else value
