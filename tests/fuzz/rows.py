"""What a role's login reads: its views as plain rows in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from policy.viewer import Viewer
from resolvers.catalogue import Many, Noun
from resolvers.views import Views
from schema.nouns import CATALOGUE
from tests.conftest import City

SEARCHES = ("contoh", "warung", "toko sayur", "bantuan -dana", '"usaha mikro"', "dagang or modal", "", "&|!", "sarpras")
"""Words that documents search for: the database alone knows what they find."""


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a noun's view."""

    noun: Noun
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    @property
    def key(self) -> Any:
        """The internal key."""
        return self.values[self.noun.key.key]


@dataclass
class Rows:
    """All rows of a viewer, by noun."""

    of: dict[str, list[Row]]
    found: dict[tuple[str, str], set[Any]]
    niks: dict[str, set[Any]]
    """From NIK to the keys of the owner's businesses, of every owner."""
    _indexes: dict[tuple[str, str], dict[Any, list[Row]]] = field(default_factory=dict)

    def where(self, noun: Noun, column: str, value: Any) -> list[Row]:
        """The rows of a noun whose column has a value; none for an empty value."""
        index = self._indexes.get((noun.name, column))
        if index is None:
            index = self._indexes[noun.name, column] = {}
            for row in self.of[noun.name]:
                index.setdefault(row[column], []).append(row)
        return [] if value is None else index.get(value, [])

    def linked(self, noun: Noun, link: Many, key: Any) -> list[Row]:
        """The rows at the other end of a link; of a region, those of its whole subtree."""
        if not link.is_subtree:
            return self.where(noun, link.column.key, key)
        return [row for row in self.of[noun.name] if key and str(row[link.column.key]).startswith(key)]

    def one(self, noun: Noun, key: Any) -> Row | None:
        """The row with a key."""
        return next(iter(self.where(noun, noun.key.key, key)), None)


async def read_rows(city: City, viewer: Viewer) -> Rows:
    """Everything that a viewer may read, through the role's own login."""
    views = Views(viewer.role)
    nouns = [noun for noun in CATALOGUE.nouns.values() if noun.table.name in views]
    login = f"{city.settings.role_prefix}{viewer.role.lower()}"
    connection = await asyncpg.connect(
        city.server.role_dsn(login, city.secrets.role_password(login)), server_settings={"timezone": "UTC"}
    )
    try:
        for scope, value in viewer.scope:
            await connection.execute("select set_config($1, $2, false)", f"ksbb.{scope.value}", value)
        found = dict([pair async for pair in _searched(connection, nouns, views)])
        of = {noun.name: await _all(connection, noun) for noun in nouns}
    finally:
        await connection.close()
    return Rows(of, found, await _niks(city))


async def _all(connection: asyncpg.Connection, noun: Noun) -> list[Row]:
    return [Row(noun, dict(record)) for record in await connection.fetch(f'select * from "{noun.table.name}"')]


async def _searched(connection: asyncpg.Connection, nouns: Iterable[Noun], views: Views) -> Any:
    for noun in nouns:
        if noun.search is None or noun.search.key not in views[noun.table.name].c:
            continue
        for words in SEARCHES:
            matching = f"{noun.search.key} @@ websearch_to_tsquery('simple', $1)"
            keys = await connection.fetch(f'select {noun.key.key} from "{noun.table.name}" where {matching}', words)
            yield (noun.name, words), {key for (key,) in keys}


async def _niks(city: City) -> dict[str, set[Any]]:
    connection = await asyncpg.connect(city.server.uri())
    try:
        pairs = await connection.fetch("select b.id, o.nik from ksbb.business b join ksbb.owner o on o.id = b.owner_id")
    finally:
        await connection.close()
    niks: dict[str, set[Any]] = {}
    for key, nik in pairs:
        niks.setdefault(city.secrets.decrypt(nik, "owner.nik"), set()).add(key)
    return niks
