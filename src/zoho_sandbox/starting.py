"""From options to a serving sandbox: used by the command and by the testing helper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from zoho_sandbox import stamps
from zoho_sandbox.clock import Clock
from zoho_sandbox.oauth.centres import HOME
from zoho_sandbox.sandbox import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Sandbox
from zoho_sandbox.server import SandboxServer
from zoho_sandbox.state import Start, open_state
from zoho_sandbox.switches import Switches

OPENING = time(9)


@dataclass(frozen=True, slots=True)
class Options:
    """How to start. `today` sets the clock to nine in the morning of that day; None goes on, or takes the real time."""

    state: Path
    host: str = "127.0.0.1"
    port: int = 0
    customers: int = 25
    seed: int = 1
    today: date | None = None
    client_id: str = DEFAULT_CLIENT_ID
    client_secret: str = DEFAULT_CLIENT_SECRET
    redirect_uris: tuple[str, ...] = ()
    life_goes_on: bool = True
    first_invoice_number: int = 1


def start(options: Options, progress: Callable[[int], None] | None = None) -> tuple[Sandbox, SandboxServer]:
    """Open or make the state and bind the address; the caller serves and closes.

    OSError when the port is taken, StateError when the state file cannot be used.
    """
    is_new = not options.state.exists()
    today = options.today or datetime.now(UTC).astimezone(stamps.zone("Europe/Dublin")).date()
    wanted = Start(options.seed, options.customers, today, options.first_invoice_number)
    database = open_state(options.state, wanted, progress)
    sandbox = Sandbox(database, switches=Switches(life_goes_on=options.life_goes_on))
    sandbox.clock = _clock(sandbox, options.today if is_new else None)
    sandbox.keep_clock()
    sandbox.register_client(options.client_id, options.client_secret, options.redirect_uris)
    try:
        server = SandboxServer(options.host, options.port, sandbox.handle)
    except OSError:
        database.close()
        raise
    sandbox.hosts.add(options.host)
    sandbox.host = options.host
    sandbox.centres.join(HOME, server)
    sandbox.delivery.nudge()
    return sandbox, server


def _clock(sandbox: Sandbox, today: date | None) -> Clock:
    clock, kept = Clock(), sandbox.database.meta("clock")
    if today is not None:
        clock.move_to(stamps.moment(today, OPENING, sandbox.zone()))
    elif kept is not None:
        offset, _, stopped = kept.partition(" ")
        clock.offset, clock.stopped_at = float(offset), float(stopped) if stopped else None
    return clock
