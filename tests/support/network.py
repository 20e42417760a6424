"""No test leaves this machine: anything but a loopback address is refused, and the test that tried fails.

Python's audit events see every connection of this process, whatever library asks for it.
"""

import ipaddress
import socket
import sys

_WATCHED = {
    "socket.connect": "connect to",
    "socket.sendto": "send to",
    "socket.bind": "listen on",
    "socket.getaddrinfo": "look up",
    "socket.gethostbyname": "look up",
}
_NAMES = {"localhost", "localhost.localdomain", "ip6-localhost"}

attempts: list[str] = []
"""What was refused since the running test began."""


class NetworkRefused(Exception):
    """Not an OSError: code that survives a broken network must not survive this."""


def _host(event: str, arguments: tuple[object, ...]) -> str | None:
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        address = arguments[1]
        # Unix sockets have a path, netlink has numbers: both stay on this machine.
        if not isinstance(address, tuple) or not isinstance(address[0], str):
            return None
        host = address[0]
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host if isinstance(host, str) and host else None


def is_loopback(host: str) -> bool:
    """Say whether a name or an address is this machine's own."""
    if host.lower() in _NAMES or host == socket.gethostname():
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _WATCHED:
        return
    host = _host(event, arguments)
    if host is not None and not is_loopback(host):
        sentence = f"A test may not {_WATCHED[event]} {host}; tests use this machine only (127.0.0.1)."
        attempts.append(sentence)
        raise NetworkRefused(sentence)


def install() -> None:
    """Refuse from now on, for the whole process."""
    sys.addaudithook(_watch)
