"""What is added to a package that passed the gate: other formats, changes, checker, archive, manifest, signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files

from publishing.changes.page import changes_page, changes_summary
from publishing.changes.release_changes import write_changes
from publishing.formats.archive import archive_name, write_archive
from publishing.formats.every_format import with_formats
from publishing.package import DESCRIPTOR, Package, json_text
from publishing.release.manifest import manifest_hash, sign
from publishing.release.released import Released, ReleaseWasChanged
from publishing.release.signing import ReleaseKey
from publishing.release.verify import FolderPlace, verify

CHANGES = "changes.json"
CHANGES_PAGE = "changes.html"
CHANGES_SUMMARY = "CHANGES.md"
CHECKER = "check_release.py"

_SHOWN_FAULTS = 3


def require_untouched(release: Released, key: ReleaseKey) -> None:
    """Refuse to build upon a release that is no longer what was signed; one made before there were seals passes.

    Raises:
        ReleaseWasChanged, or what else `verify` raises of it.
    """
    if manifest_hash(release.folder) is None:
        return
    verdict = verify(FolderPlace(release.folder), own=key.public)
    if not verdict.holds:
        faults = "; ".join(fault.sentence for fault in verdict.faults[:_SHOWN_FAULTS])
        raise ReleaseWasChanged(
            f"Release {release.version} is not what was signed, in {len(verdict.faults)} places: {faults}. Sealed rows "
            f"are carried over from it and changes told: restore it from a copy.",
            version=release.version,
        )


def finished(
    package: Package, staged: Released, before: Released | None, key: ReleaseKey, say: Callable[[str], None]
) -> Released:
    """A release that lies where it was built, made whole and signed; same data and same release before, same bytes.

    Raises:
        LayerWithoutPlace, ReleaseWasChanged: see `geojson` and `changes`.
    """
    say("writing other formats")
    folder = staged.folder
    release = replace(staged, descriptor=with_formats(folder, staged.descriptor, package.datasets))
    (folder / DESCRIPTOR).write_text(json_text(release.descriptor), encoding="utf-8", newline="")
    say("comparing with the release before")
    _tell_changes(before, release)
    (folder / CHECKER).write_bytes((files("publishing.release") / "checker.py").read_bytes())
    say("signing")
    write_archive(folder, folder / archive_name(release.package, release.version))
    sign(release, before, key)
    return release


def _tell_changes(before: Released | None, release: Released) -> None:
    with (release.folder / CHANGES).open("w", encoding="utf-8", newline="") as out:
        changes = write_changes(before, release, out)
    for name, text in ((CHANGES_PAGE, changes_page(changes)), (CHANGES_SUMMARY, changes_summary(changes))):
        (release.folder / name).write_text(text, encoding="utf-8", newline="")
