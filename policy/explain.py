"""Who sees what, and why: the policy as answers for people."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Column, Table

from kernel.errors import BadInput
from models.privacy import Privacy, privacy_of
from policy.expressions import expression
from policy.rows import ROWS
from policy.treatment import ABSENT, Kind, Treatment
from policy.uses import Use, uses
from policy.viewer import Role
from policy.visibility import SEES, treatment
from policy.words import CLASSES, KINDS, words_of

_MOST_SUGGESTIONS = 5


class UnknownField(BadInput):
    """A field that no role has, because it does not exist."""

    code = "UNKNOWN_FIELD"


def matrix() -> list[dict[str, str]]:
    """Class x role -> treatment, one row per class; exceptions of single columns are left out."""
    return [
        {"class": privacy.value, **{role.value: str(SEES[privacy].get(role, ABSENT)) for role in Role}}
        for privacy in Privacy
    ]


def marks() -> list[str]:
    """The matrix as lines for a terminal: marks in columns, a role per line, and what the marks mean."""
    classes = list(Privacy)
    head = " ".join(["", *(f"{privacy.value:9}" for privacy in classes)])
    body = [
        " ".join([f"{role.value:14}", *(f"{mark(SEES[p].get(role, ABSENT)):9}" for p in classes)]).rstrip()
        for role in Role
    ]
    legend = ", ".join(f"{kind.value} {words.en}" for kind, words in KINDS.items())
    return [f"{'':13}{head}".rstrip(), *body, f"{legend}; C/G on some rows, else; ! logged; +reveal clear for a while"]


def mark(how: Treatment) -> str:
    """A treatment in few characters: `C`, `C/G` (on some rows, else), `C!` (logged), `M+reveal` (clear for a while)."""
    text = how.kind.value if how.condition is None else f"{how.kind.value}/{how.otherwise.value}"
    return text + ("!" if how.is_logged else "") + ("+reveal" if how.can_be_revealed else "")


def explain(role: Role, field: str, fields: Mapping[str, Column[Any]]) -> dict[str, Any]:
    """What a role gets when it reads a field such as `Owner.nik`, and by which rule.

    `fields` are all fields of the API by that spelling. `why_absent` is there only when the role does not have it.

    Raises:
        UnknownField: there is no such field; the sentence suggests some.
    """
    if field not in fields:
        raise UnknownField(_no_such(field, list(fields)), field=field)
    column = fields[field]
    table, privacy = _table(column), privacy_of(column)
    rows = ROWS.get(table, {})
    allowed = uses(column, role)
    told: dict[str, Any] = {
        "field": field,
        "role": role.value,
        "column": f"{table}.{column.key}",
        "class": f"{privacy.value}: {CLASSES[privacy].holds.en}",
        "treatment": in_words(treatment(column, role)) if allowed else KINDS[Kind.ABSENT].en,
        "rows": words_of(rows[role]).en if role in rows else "none",
        "uses": [use.value for use in Use if use in allowed],
        "legal_ground": CLASSES[privacy].ground.en,
    }
    return told if allowed else told | {"why_absent": _why_absent(column, role)}


def in_words(how: Treatment) -> str:
    """A treatment as a phrase."""
    text = KINDS[how.kind].en
    if how.condition is not None:
        text += f" where: {words_of(how.condition).en}; elsewhere {KINDS[how.otherwise].en}"
    text += "; every use is logged" if how.is_logged else ""
    return text + ("; clear for a while by revealFields, which is logged" if how.can_be_revealed else "")


def _why_absent(column: Column[Any], role: Role) -> str:
    table, privacy, how = _table(column), privacy_of(column), treatment(column, role)
    if privacy in {Privacy.INTERNAL, Privacy.KEY}:
        return f"Columns of class {privacy} are a field of no role."
    if role not in ROWS.get(table, {}):
        return f"{role} sees no rows of {table}."
    if how.kind is Kind.ABSENT:
        by_class = SEES[privacy].get(role, ABSENT).kind is Kind.ABSENT
        return f"{role} does not see class {privacy}." if by_class else f"{table}.{column.key} is withheld from {role}."
    if expression(column, role) is None:
        return f"{role} sees class {privacy} {KINDS[how.kind].en}, and a value of this type has no such form."
    return "A value of this type is no field."


def _table(column: Column[Any]) -> str:
    assert isinstance(column.table, Table)
    return column.table.name


def _no_such(field: str, known: list[str]) -> str:
    """A sentence that names what may have been meant: near spellings, and fields of that name in other types."""
    folded = {name.lower(): name for name in known}
    last = field.lower().rpartition(".")[2]
    near = get_close_matches(field.lower(), folded, _MOST_SUGGESTIONS)
    joined = get_close_matches(last, [name.replace(".", "") for name in folded], 1)
    same = [name for name in folded if name.rpartition(".")[2] == last or name.replace(".", "") in joined]
    found = [folded[name] for name in dict.fromkeys([*same, *near])][:_MOST_SUGGESTIONS]
    hint = f"Did you mean {', '.join(found)}?" if found else "Write it as the schema does, such as Owner.name."
    return f"There is no field {field}. {hint}"
