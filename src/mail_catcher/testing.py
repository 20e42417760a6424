"""A catcher inside a test: `with running_catcher() as catcher: … catcher.smtp_url … catcher.messages()`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mail_catcher.api import details
from mail_catcher.catcher import Catcher
from mail_catcher.faults import Faults
from mail_catcher.store import Filter


class RunningCatcher:
    """A catcher in threads of this process."""

    def __init__(self, catcher: Catcher) -> None:
        self._catcher = catcher
        self.smtp_url = catcher.smtp_url
        self.http_url = catcher.http_url
        self.host = catcher.host
        self.smtp_port = catcher.smtp_port

    def messages(self, *, to: str = "", search: str = "", after: int = 0) -> list[dict[str, Any]]:
        """All messages in the order in which they came, each as `GET /api/messages/ID` gives it."""
        found = self._catcher.store.find(Filter(to=to, search=search, after=after), limit=1_000_000)
        kept = [self._catcher.store.get(one.id) for one in reversed(found)]
        return [details(*one) for one in kept if one is not None]

    def raw(self, number: int) -> bytes:
        """One message byte for byte, as it was sent. Raises KeyError."""
        found = self._catcher.store.get(number)
        if found is None:
            raise KeyError(number)
        return found[1]

    def copies(self) -> dict[str, int]:
        """How many times each Message-ID was accepted."""
        return self._catcher.store.copies()

    def delete_all(self) -> None:
        """Forget all messages."""
        self._catcher.store.delete_all()

    def set_faults(self, **faults: Any) -> None:
        """Misbehave from now on, as `PUT /api/faults` does; without arguments: behave."""
        self._catcher.faults = Faults.from_json(faults)


@contextmanager
def running_catcher(*, state: Path | None = None, **faults: Any) -> Iterator[RunningCatcher]:
    """Run a catcher on free ports of 127.0.0.1, with `faults` as in `Faults`; its file is thrown away at the end."""
    with TemporaryDirectory(prefix="mail-catcher-") as folder:
        catcher = Catcher(
            state=state or Path(folder) / "mail.sqlite3", faults=Faults.from_json(faults)
        ).start()
        try:
            yield RunningCatcher(catcher)
        finally:
            catcher.stop()
