"""Who sees what, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.answer import answer
from cli.options import AsJson, AsRole

policy = typer.Typer(help="Who sees what, and why.", no_args_is_help=True)


@policy.command("matrix")
def policy_matrix(as_json: AsJson = False) -> None:
    """Print how each role sees each privacy class."""
    from policy.explain import marks, matrix

    answer(matrix(), as_json, marks())


@policy.command("explain")
def policy_explain(
    field: Annotated[str, typer.Argument(help="A field as the schema names it, such as Owner.name.")],
    role: AsRole,
    as_json: AsJson = False,
) -> None:
    """Tell what a role gets when it reads a field, and by which rule."""
    from policy.explain import explain
    from schema.nouns import FIELDS

    told = explain(role, field, FIELDS)
    lines = (f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in told.items())
    answer(told, as_json, lines)
