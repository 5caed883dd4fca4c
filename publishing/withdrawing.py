"""Taking a release back: first from those who read the catalogue, then from its folder, then from the portals.

Each step is safe to repeat, and a killed run is finished by the next. What the release told of persons stays noted
(`publishing/control/ledger.py`): somebody may have kept a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from publishing.catalogue.catalogue import write_catalogue
from publishing.portals.target import FolderTarget, Target, Withdrawal
from publishing.release.editions import INDEX, Entry, index_text, updated_index
from publishing.release.kept_ledgers import keep_ledger
from publishing.release.released import Released, staging


def take_back(
    root: Path, package: str, datasets: Sequence[str], notice: Withdrawal, public_url: str, targets: Sequence[Target]
) -> None:
    """Withdraw a release from the catalogue in `root`, and from portals; `datasets` are those that it had.

    From the first step on nothing of it is served but the reason. Bytes here are gone before a portal is asked, so
    that one that does not answer holds nothing up.

    Raises:
        IndexNotReadable, PublishingIsBusy: the catalogue is not in a state to be changed.
        KsbbError: a situation of a portal.
    """
    folder = root / package
    release = Released(folder / notice.version, _described(package, notice.version, datasets))
    keep_ledger(folder, notice.version)
    _mark(root, folder, notice)
    FolderTarget(root).withdraw(release, notice)
    write_catalogue(root, public_url)
    for target in targets:
        target.withdraw(release, notice)


def _described(package: str, version: str, datasets: Sequence[str]) -> dict[str, Any]:
    """What portals want to know of a release whose own description is gone."""
    return {"name": package, "version": version, "resources": [{"name": name} for name in datasets]}


def _mark(root: Path, folder: Path, notice: Withdrawal) -> None:
    """Note the withdrawal in the index, in one step."""
    with staging(root) as drafts:
        entries = [_marked(entry, notice) for entry in updated_index(folder, {})]
        if not any(entry["version"] == notice.version for entry in entries):
            return  # it was never put into this catalogue
        draft = drafts / INDEX
        draft.write_text(index_text(folder.name, entries), encoding="utf-8")
        draft.replace(folder / INDEX)


def _marked(entry: Entry, notice: Withdrawal) -> Entry:
    if entry["version"] != notice.version:
        return entry
    told = {"reason": notice.reason.id, "reason_en": notice.reason.en, "on": notice.on.isoformat()}
    return {**entry, "withdrawn": {**told, **({"replaced_by": notice.replaced_by} if notice.replaced_by else {})}}
