"""Who may do what: every writing service asks here first."""

from dunright.models import Membership, Organisation, Role, User

_RANK = {Role.VIEWER: 0, Role.CHASER: 1, Role.MANAGER: 2, Role.OWNER: 3}


class NotAllowed(Exception):
    """The person may not do this; the message says who may."""


def require(organisation: Organisation, by: User | None, role: Role) -> None:
    """Check that `by` has at least this role. None is the system itself. Raises NotAllowed."""
    if by is None:
        return
    held = (
        Membership.objects.filter(organisation=organisation, user=by).values_list("role", flat=True).first()
    )
    if held is None or _RANK[Role(held)] < _RANK[role]:
        raise NotAllowed(f"Only {_who(role)} of {organisation.name} may do this; ask one of them.")


def has_at_least(held: str, role: Role) -> bool:
    """Whether a member's role reaches another."""
    return _RANK[Role(held)] >= _RANK[role]


def _who(role: Role) -> str:
    names = [f"{kept.label.lower()}s" for kept, rank in _RANK.items() if rank >= _RANK[role]]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
