"""The register of told groups behind the wall: who was counted is written and compared here, and never read out.

The publisher calls these functions and reads `told_group`, which has no persons. They run as the owner of its views.
Raw SQL text is allowed here as in `policy/wall.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from models.base import SCHEMA
from models.release import ToldGroup

PERSONS = "counted_person"
"""The view of whom each counting view counts; the publisher's login may not read it."""

_TABLE = f"{SCHEMA}.{ToldGroup.__tablename__}"
_PERSONS_APART = (
    "array_agg(person) FILTER (WHERE is_unlisted) AS unlisted,"
    " array_agg(person) FILTER (WHERE NOT is_unlisted) AS listed"
)


def told_groups() -> Select[Any]:
    """What the publisher reads of the register: which groups there are, and how many persons are in each."""
    shown = [ToldGroup.__table__.c[name] for name in ("id", "dataset", "cohort", "place", "persons", "members")]
    return select(*shown, func.cardinality(ToldGroup.unlisted).label("unlisted"))


def register_functions(login: str, owner: str) -> Iterator[str]:
    """The functions, and who may call and carry them out."""
    yield f"DROP POLICY IF EXISTS {owner} ON {_TABLE}"
    yield f"CREATE POLICY {owner} ON {_TABLE} TO {owner} USING (true) WITH CHECK (true)"
    yield f"GRANT SELECT, INSERT, DELETE ON {_TABLE} TO {owner}"
    yield f"GRANT USAGE ON SCHEMA {SCHEMA}, {login} TO {owner}"
    yield f"GRANT CREATE ON SCHEMA {login} TO {owner}"
    for signature, language, body in (_gather(login), _GATHERED, _SEAL, _revise(login), _FORGET, _OVERLAPS):
        arguments, _, returns = signature.partition(" RETURNS ")
        name = arguments.partition("(")[0]
        yield (
            f"CREATE FUNCTION {login}.{arguments} RETURNS {returns} LANGUAGE {language} VOLATILE SECURITY DEFINER"
            f" SET search_path = {SCHEMA}, pg_temp SET enable_nestloop = off SET work_mem = '64MB' AS $$ {body} $$"
        )
        yield f"REVOKE ALL ON FUNCTION {login}.{name} FROM PUBLIC"
        yield f"ALTER FUNCTION {login}.{name} OWNER TO {owner}"
        yield f"GRANT EXECUTE ON FUNCTION {login}.{name} TO {login}"
    yield f"REVOKE CREATE ON SCHEMA {login} FROM {owner}"


def _gather(login: str) -> tuple[str, str, str]:
    """Put aside who is counted in some views and cohorts, once per transaction: read once, used often.

    A temporary table of the owner. The login may make none, and where there is one already it is refused.
    """
    return (
        "gather_persons(sources text[], cohorts text[]) RETURNS void",
        "plpgsql",
        "BEGIN CREATE TEMPORARY TABLE gathered ON COMMIT DROP AS"
        f" SELECT p.source, p.cohort, p.cell, p.split, p.person, p.is_unlisted FROM {login}.{PERSONS} p"
        " WHERE p.source = ANY (sources) AND p.cohort = ANY (cohorts); ANALYZE pg_temp.gathered; END",
    )


_GATHERED = (
    "gathered_counts(of_source text)"
    " RETURNS TABLE (cohort text, cell text, split text, persons bigint, unlisted bigint, members numeric)",
    "plpgsql",
    "BEGIN RETURN QUERY"
    " SELECT g.cohort, g.cell, g.split, count(*), count(*) FILTER (WHERE g.is_unlisted), sum(g.person)"
    " FROM pg_temp.gathered g WHERE g.source = of_source GROUP BY g.cohort, g.cell, g.split; END",
)
"""Those who were put aside, as counts; of views in whose cells a person stands once."""

_SEAL = (
    "seal_groups(source text, dataset text, cohort text, places text[], persons int[], members numeric[],"
    " cells text[], group_of int[], is_split boolean) RETURNS void",
    "plpgsql",
    f"BEGIN INSERT INTO {_TABLE} (dataset, cohort, place, cells, persons, members, unlisted, listed)"
    " SELECT $2, $3, places[g.at], (SELECT array_agg(c.cell ORDER BY c.cell) FROM unnest(cells, $8) AS c(cell, at)"
    "  WHERE c.at = g.at), persons[g.at], members[g.at], coalesce(g.unlisted, '{}'), coalesce(g.listed, '{}')"
    f" FROM (SELECT at, {_PERSONS_APART}"
    "  FROM (SELECT c.at, p.person, bool_and(p.is_unlisted) AS is_unlisted"
    "   FROM pg_temp.gathered p JOIN unnest(cells, $8) AS c(cell, at)"
    "    ON c.cell = CASE WHEN is_split THEN p.cell || '|' || p.split ELSE p.cell END"
    "   WHERE p.source = $1 AND p.cohort = $3 GROUP BY c.at, p.person) AS each GROUP BY at) AS g; END",
)
"""Note who is in groups of cells: `group_of[n]` is the position, from 1, of the group of `cells[n]`."""


def _revise(login: str) -> tuple[str, str, str]:
    """Note who would be in groups today, where somebody else would.

    In each of the `parts`, in which a person is in one group at most, who stands in one of the `others` stays there.
    """
    return (
        "revise_groups(source text, ids bigint[], parts text[], others bigint[], other_parts text[]) RETURNS void",
        "sql",
        f"INSERT INTO {_TABLE} (dataset, cohort, place, cells, persons, members, unlisted, listed)"
        " SELECT g.dataset, g.cohort, g.place, g.cells, now.persons, now.members,"
        "  coalesce(now.unlisted, '{}'), coalesce(now.listed, '{}')"
        f" FROM (SELECT id, count(*) AS persons, sum(person) AS members, {_PERSONS_APART}"
        "  FROM (SELECT c.id, p.person, bool_and(p.is_unlisted) AS is_unlisted"
        f"   FROM {login}.{PERSONS} p JOIN (SELECT g.id, g.cohort, unnest(g.cells) AS cell, may.part"
        f"    FROM {_TABLE} g JOIN unnest(ids, parts) AS may(id, part) ON may.id = g.id) AS c"
        "   ON c.cell = p.cell AND c.cohort = p.cohort"
        "   WHERE p.source = $1 AND (c.part, p.person) NOT IN (SELECT stay.part, unnest(o.unlisted || o.listed)"
        f"    FROM {_TABLE} o JOIN unnest(others, other_parts) AS stay(id, part) ON stay.id = o.id)"
        "   GROUP BY c.id, p.person) AS each GROUP BY id) AS now"
        f" JOIN {_TABLE} g ON g.id = now.id WHERE (now.persons, now.members) <> (g.persons, g.members)",
    )


_FORGET = (
    "forget_groups(ids bigint[]) RETURNS void",
    "sql",
    f"DELETE FROM {_TABLE} WHERE id = ANY (ids)",
)
"""Take groups out that were not told after all."""

_OVERLAPS = (
    "overlaps() RETURNS TABLE (groups bigint[], persons bigint)",
    "sql",
    "WITH listed AS (SELECT DISTINCT t.dataset, t.cohort, unnest(t.listed) AS person"
    f"  FROM {_TABLE} t WHERE EXISTS (SELECT FROM {_TABLE} o"
    "   WHERE (o.dataset, o.cohort, o.place) = (t.dataset, t.cohort, t.place) AND o.id <> t.id)),"
    " each AS (SELECT u.id, u.person, l.person IS NULL AS is_unlisted"
    f"  FROM (SELECT id, dataset, cohort, unnest(unlisted) AS person FROM {_TABLE}) AS u"
    "  LEFT JOIN listed l USING (dataset, cohort, person)"
    f"  UNION ALL SELECT id, unnest(listed), false FROM {_TABLE})"
    " SELECT groups, count(*) FILTER (WHERE is_unknown) FROM"
    "  (SELECT array_agg(id ORDER BY id) AS groups, bool_or(is_unlisted) AS is_unknown FROM each GROUP BY person)"
    "  AS person GROUP BY groups",
)
"""Which groups have persons in common, and how many of those somebody who knows the public list cannot place in all.

Who came into the public list since a group was told first is known in it, once it is told again.
"""
