"""Trusted documents: what callers may name instead of sending it, and all that some roles may send."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.answer import answer, note
from cli.options import AsJson, DryRun
from kernel.errors import BadInput, KsbbError
from kernel.settings import Settings
from policy.viewer import Role

documents = typer.Typer(help="Trusted documents: GraphQL that is known by its SHA-256.", no_args_is_help=True)

Files = Annotated[
    list[Path],
    typer.Argument(exists=True, dir_okay=False, readable=True, help="GraphQL documents, or manifests (.json)."),
]


FitRoles = Annotated[
    list[Role] | None,
    typer.Option("--as", case_sensitive=False, help="A role whose schema they must fit (repeatable); else any."),
]


@documents.command("add")
def documents_add(files: Files, roles: FitRoles = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Add the documents of files, once each is found to fit the schemas of roles: all of them or none."""
    from edge.trusted import Trusted, documents_folder, documents_in, hash_of

    texts = {text: file for file in files for text in documents_in(_content(file), is_json=file.suffix == ".json")}
    found = [
        {**_described(hash_of(text), text, file), "roles": _fitting(text, file, roles or [])}
        for text, file in texts.items()
    ]
    folder = Trusted(documents_folder(Settings.read(os.environ)))
    for text in texts if not dry_run else ():
        folder.add(text)
    answer(found, as_json, (_line(one) for one in found))
    note(f"{len(found)} documents {'would be' if dry_run else 'were'} added. Running servers know them at once.")


@documents.command("list")
def documents_list(as_json: AsJson = False) -> None:
    """List the trusted documents: their names and operations."""
    from edge.trusted import Trusted, documents_folder

    texts = Trusted(documents_folder(Settings.read(os.environ))).all()
    found = [_described(hash_, text, Path(f"{hash_}.graphql")) for hash_, text in sorted(texts.items())]
    answer(found, as_json, (_line(one) for one in found))


@documents.command("remove")
def documents_remove(
    identifier: Annotated[str, typer.Argument(help="Name of the document: its SHA-256, with or without `sha256:`.")],
) -> None:
    """Remove a trusted document; running servers forget it at once."""
    from edge.documents import PREFIX
    from edge.trusted import Trusted, documents_folder

    hash_ = identifier.removeprefix(PREFIX)
    if not Trusted(documents_folder(Settings.read(os.environ))).remove(hash_):
        raise BadInput(f"There is no trusted document {identifier[:80]}. `ksbb documents list` shows them.")


def _content(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8.") from None


def _line(one: Mapping[str, Any]) -> str:
    return "  ".join([one["id"], ",".join(one["operations"]), ",".join(one.get("roles", ()))]).rstrip()


def _described(hash_: str, text: str, file: Path) -> dict[str, object]:
    """What a document is called and what it holds.

    Raises:
        BadInput: it does not parse, or is over a limit of the guard.
    """
    from graphql import OperationDefinitionNode

    from edge.documents import PREFIX
    from edge.guard import Limits, read_document

    try:
        document = read_document(text, Limits())
    except KsbbError as refused:
        raise BadInput(f"{file}: {refused.message}") from None
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return {
        "id": f"{PREFIX}{hash_}",
        "operations": [operation.name.value if operation.name else "-" for operation in operations],
    }


def _fitting(text: str, file: Path, wanted: list[Role]) -> list[str]:
    """The roles whose schema a document fits.

    Raises:
        BadInput: it does not fit one that was named; or none, where none was.
    """
    from graphql import parse

    from resolvers.validation import validation_errors
    from schema.build import role_schema

    document = parse(text)
    wrong = {role: validation_errors(role_schema(role).schema, document) for role in wanted or Role}
    misfits = [role for role, errors in wrong.items() if errors]
    if misfits and (wanted or len(misfits) == len(Role)):
        role = min(misfits, key=lambda role: len(wrong[role]))
        raise BadInput(f"{file} does not fit the schema of {role}: {wrong[role][0].message}")
    return [role.value for role in wrong if role not in misfits]
