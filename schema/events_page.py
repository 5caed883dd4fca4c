"""The page `docs/event_types.md`, written from what subscriptions offer: which role may hear of what."""

from __future__ import annotations

from collections.abc import Iterator

from models.event import DISCONTINUITY
from policy.viewer import Role
from resolvers.hearing import ROOTS, Heard, heard_by, leads
from schema.nouns import CATALOGUE

_HEAD = f"""\
# Jenis peristiwa / Event types

*Halaman ini ditulis dari kebijakan di `policy/` dan fakta di `commands/`. Jangan disunting:
`pytest tests/schema/test_events_page.py --renew` menulisnya kembali.*

*This page is written from the policy in `policy/` and the facts in `commands/`. Do not edit it:
`pytest tests/schema/test_events_page.py --renew` writes it anew. How to subscribe: [subscribe.md](subscribe.md).*

`x`: peran itu mendengar jenis ini, dari baris yang boleh dilihatnya ([privacy.md](privacy.md)). `x`: the role hears of
this type, of the rows that it sees ([privacy.md](privacy.md)). A role's enum `EventType` has the same names, and
`{DISCONTINUITY}`, which every role may get.
"""


def events_page() -> str:
    """The whole page in Markdown."""
    return "\n\n".join([_HEAD.rstrip(), "\n".join(_types()), "\n".join(_fields())]) + "\n"


def _types() -> Iterator[str]:
    yield "## Jenis x peran / Type x role\n"
    yield f"| jenis / type | tentang / about | arti / meaning | {' | '.join(Role)} |"
    yield f"|{'---|' * (3 + len(Role))}"
    for name, heard in sorted(_all().items()):
        marks = ("x" if name in heard_by(role) else "-" for role in Role)
        yield f"| `{name}` | `{_noun(heard)}` | {_meaning(heard)} | {' | '.join(marks)} |"


def _fields() -> Iterator[str]:
    yield "## Langganan / Subscriptions\n"
    yield "| langganan / field | jenis / types | peran / roles |"
    yield "|---|---|---|"
    for field, name in ROOTS.items():
        table = None if name is None else CATALOGUE.nouns[name].table.name
        of_role = {role: leads(role, name, table) for role in Role}
        types = sorted({type_ for found in of_role.values() for type_ in found})
        told = ", ".join(f"`{type_}`" for type_ in types) if name else "semua / all"
        roles = [role for role, found in of_role.items() if found]
        yield f"| `{field}` | {told} | {'semua / all' if roles == list(Role) else ', '.join(roles)} |"


def _all() -> dict[str, Heard]:
    return {name: heard for role in Role for name, heard in heard_by(role).items()}


def _noun(heard: Heard) -> str:
    noun = CATALOGUE.of_table(heard.table)
    assert noun is not None
    return noun.name


def _meaning(heard: Heard) -> str:
    return " ".join((heard.fact.__doc__ or "").split())
