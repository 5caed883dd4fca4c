"""The last check before a release: a package that fails it is not delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kernel.errors import KsbbError
from publishing.package import DESCRIPTOR

_SHOWN_COMPLAINTS = 5


class PackageNotValid(KsbbError):
    """Frictionless found an error in a package."""

    code = "PACKAGE_NOT_VALID"


def check(folder: Path) -> None:
    """Validate a package in a folder: descriptor, hashes, sizes, types, constraints, keys and references.

    Raises:
        PackageNotValid: with places and kinds of the first errors, never with values.
    """
    from frictionless import Package, system  # takes 0.2 s to import, which only a publisher should pay

    with system.use_context(trusted=False, standards="v2"):
        report = Package.from_descriptor(str(folder / DESCRIPTOR)).validate()
    complaints = [_sentence("package", error) for error in report.errors]
    complaints += [_sentence(task.name, error) for task in report.tasks for error in task.errors]
    if not report.tasks:
        complaints.append("package: no datasets")
    if complaints or not report.valid:
        raise PackageNotValid(
            f"The package has {len(complaints)} errors and was not published. First: "
            f"{'; '.join(complaints[:_SHOWN_COMPLAINTS])}.",
            errors=len(complaints),
        )


def _sentence(where: str, error: Any) -> str:
    """Place and kind of an error; its note and cells hold values, and stay inside."""
    row, field = getattr(error, "row_number", None), getattr(error, "field_name", None)
    place = "".join([where, f" row {row}" if row else "", f" column {field}" if field else ""])
    return f"{place}: {error.type}"
