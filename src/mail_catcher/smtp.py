"""The SMTP side: takes every message for anybody, keeps it, and only then answers 250."""

import asyncio
import contextlib
import logging
import socket
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from mail_catcher.faults import Faults
from mail_catcher.store import Store

LARGEST_MESSAGE = 50 * 1024 * 1024
"""Bytes; offered as SIZE."""


class _Server(SMTP):
    """aiosmtpd's protocol, which gives a handler no way in between DATA and 354."""

    def __init__(self, handler: "_Handler", **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._catcher = handler

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        answer = await self._catcher.fault("data", self)
        if answer is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(answer)


class _Handler:
    """What aiosmtpd asks at each command."""

    def __init__(self, store: Store, faults: Callable[[], Faults]) -> None:
        self._store = store
        self._faults = faults

    async def fault(self, stage: str, server: _Server) -> str | None:
        """Wait, hang up or answer as the faults say; None: go on."""
        faults = self._faults()
        await asyncio.sleep(faults.delay_seconds.get(stage, 0))
        if faults.cut == stage:
            await self._hang_up(server)
        return faults.answer.get(stage)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: _Server, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self.fault("mail", server)
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 Sender taken"

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: _Server, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self.fault("rcpt", server) or self._faults().refuse.get(address.casefold())
        if answer is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer or "250 Recipient taken"

    async def handle_DATA(self, server: _Server, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        faults = self._faults()
        if faults.cut == "content_before_keeping":
            await self._hang_up(server)
        if "content" in faults.answer:
            return faults.answer["content"]
        try:
            number = await asyncio.to_thread(self._keep, envelope)
        except (sqlite3.Error, OSError) as error:
            return f"452 4.3.1 The message could not be kept: {error}"
        await asyncio.sleep(faults.delay_seconds.get("content", 0))
        if faults.cut == "content_after_keeping":
            await self._hang_up(server)
        return f"250 Kept as {number}"

    def _keep(self, envelope: Envelope) -> int:
        content = envelope.original_content
        assert isinstance(content, bytes)
        return self._store.add(
            mail_from=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
            raw=content,
            received_at=datetime.now(UTC),
        )

    async def _hang_up(self, server: _Server) -> None:
        transport = server.transport
        assert isinstance(transport, asyncio.WriteTransport)
        transport.abort()
        # aiosmtpd cancels this task once it sees that the connection is gone.
        await asyncio.Event().wait()


def _anyone(*_asked: Any) -> AuthResult:
    """Every user with every password is let in: senders can be tried with the settings they will have."""
    return AuthResult(success=True)


class SmtpService:
    """The SMTP server in a thread of its own."""

    def __init__(self, store: Store, faults: Callable[[], Faults], *, host: str, port: int) -> None:
        # aiosmtpd reports each connection and warns at each log-in over a plain one, which here is on purpose.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._handler = _Handler(store, faults)
        # Listens from here on, so that a taken port is known at once; the loop runs in its own thread only, as
        # this one may have a loop of its own.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._answers = threading.Event()
        self._thread = threading.Thread(target=self._run, name="smtp", daemon=True)

    def start(self) -> None:
        """Begin to answer; a stop right after it must find the loop at work, not on its way there."""
        self._thread.start()
        self._answers.wait()

    def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._socket.close()

    def _protocol(self) -> _Server:
        return _Server(
            self._handler,
            hostname="mail-catcher",
            ident="Mail catcher",
            data_size_limit=LARGEST_MESSAGE,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=_anyone,
            loop=self._loop,
        )

    def _run(self) -> None:
        try:
            server = self._loop.run_until_complete(
                self._loop.create_server(self._protocol, sock=self._socket)
            )
            self._loop.call_soon(self._answers.set)
            self._loop.run_forever()
            server.close()
            self._loop.run_until_complete(self._end())
        finally:
            # Whatever went wrong on the way, nobody waits for it any longer.
            self._answers.set()
            self._loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        await self._loop.shutdown_default_executor()
