"""From the database to a release: extract, disclosure control, package, gate, catalogue, portals."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kernel.clock import Clock, today
from kernel.room import room_in
from publishing import package as packaging
from publishing.audit.risk_report import RiskReport
from publishing.control.counts import PersonCounts
from publishing.control.ledger import LEDGER, Ledger, read_ledger
from publishing.control.microdata import Microdata
from publishing.dataset import Facts
from publishing.extract import snapshot, write_facts
from publishing.finish import finished, require_untouched
from publishing.formats.every_format import without_formats
from publishing.formats.giving360 import write_360giving
from publishing.gate import check
from publishing.holding import set_aside
from publishing.package import DESCRIPTOR, Package, csv_text, json_text, path_of, written
from publishing.period import sealed_until
from publishing.portals.target import Target
from publishing.release.audit_roots import write_audit_roots
from publishing.release.kept_ledgers import withdrawn_ledgers
from publishing.release.released import Released, last_number, latest, next_version, point_to_latest, put, staging
from publishing.release.signing import ReleaseKey, publish_key
from publishing.sealed import sealed_in
from publishing.sealing import Outcome, seal

Progress = Callable[[str], None]


@dataclass(frozen=True)
class ReleaseRow:
    """What the table `release` keeps of one dataset of a release; `path` is relative to the catalogue."""

    dataset: str
    version: str
    rows: int
    sha256: str
    policy_hash: str
    path: str

    def as_dict(self) -> dict[str, Any]:
        """Its values by name."""
        return asdict(self)


@dataclass(frozen=True)
class ReleaseReport:
    """What came of publishing. `is_new` is false when nothing had changed and no release was made.

    `planned` is what a dry run found to be done on the portals; `is_held`: it waits, outside of the catalogue.
    """

    package: str
    version: str
    folder: Path
    is_new: bool
    datasets: tuple[ReleaseRow, ...]
    planned: tuple[str, ...] = ()
    is_held: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Its values by name, for programs."""
        return asdict(self)

    def lines(self) -> list[str]:
        """What happened, for people."""
        if self.is_held:
            return [f"Release {self.version} of {self.package} is made and waits for approval: the policy changed."]
        what = "is new" if self.is_new else "stands: nothing has changed"
        rows = [f"{row.dataset}: {row.rows:,} rows" for row in self.datasets]
        return [f"Release {self.version} of {self.package} {what} ({self.folder}).", *rows, *self.planned]


async def publish(
    package: Package,
    uri: str,
    root: Path,
    *,
    clock: Clock,
    policy_hash: str,
    secret: bytes,
    key: ReleaseKey,
    issued: int = 0,
    audit_roots: Mapping[dt.date, str] | None = None,
    targets: Sequence[Target] = (),
    hold: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ReleaseReport:
    """Release a package into the catalogue in `root` and hand it to portals; the same data make no new release.

    `uri` logs in as the publisher; `secret` keys the disclosure ledger, `key` signs what is new; `issued` is the number
    of the last release that is recorded elsewhere; `audit_roots` go into what is new. With `hold` it is set aside
    (`holding.py`). Sealed periods of the newest release that stands are carried over as they are, never counted again.
    A dry run does everything, checks included, but keeps and hands over nothing: it asks each portal what is to be done
    there.

    Raises:
        DisclosureRefused, PackageNotValid: a check failed, and nothing was released.
        ReleaseWasChanged, PublishingIsBusy: the catalogue is not in a state to publish into.
        DiskFull: there is no room for the release; nothing was released.
    """
    say = progress or (lambda _: None)
    for target in targets:
        await asyncio.to_thread(target.check)
    with room_in(root), staging(root) as staged:
        before = latest(root, package.name)
        if before:
            await asyncio.to_thread(require_untouched, before, key)
            point_to_latest(before.folder)
        folder = staged / "release"
        (folder / "data").mkdir(parents=True)
        ledger = read_ledger(secret, before.folder if before else None, withdrawn_ledgers(root / package.name))
        draft = _Draft(folder, before, sealed_until(today(clock)), ledger, RiskReport(package.name, before))
        resources = await _write_data(package, uri, draft, say, dry_run=dry_run)
        write_audit_roots(folder, before.folder if before else None, audit_roots or {})
        version = next_version(package.shape, before, max(issued, last_number(root / package.name)))
        release = await asyncio.to_thread(_finish, package, version, folder, resources, before, key, say)
        if release is not before and not dry_run:
            publish_key(root, key.public)
            release = set_aside(release, root) if hold else put(release, root)
        planned = await asyncio.to_thread(_planned, targets, release) if dry_run else ()
    is_new = before is None or release.version != before.version
    is_held = hold and is_new and not dry_run
    for target in () if dry_run or is_held else targets:
        await asyncio.to_thread(target.deliver, release)
    report = _report(package, release, root, is_new=is_new, policy_hash=policy_hash)
    return replace(report, planned=planned, is_held=is_held)


@dataclass(frozen=True)
class _Draft:
    """A release that is being made: where, after which one, of periods that ended by when, with what it records."""

    folder: Path
    before: Released | None
    until: dt.date
    ledger: Ledger
    risk: RiskReport


async def _write_data(
    package: Package, uri: str, draft: _Draft, say: Progress, *, dry_run: bool
) -> list[dict[str, Any]]:
    """Write the data files of a package; what its descriptor says of each."""
    resources = []
    async with snapshot(uri, keep=not dry_run) as connection:
        of_persons = [dataset for dataset in package.datasets if isinstance(dataset, PersonCounts | Microdata)]
        before = {dataset.name: sealed_in(draft.before, dataset) for dataset in of_persons}
        outcomes = await seal(connection, of_persons, before, draft.until, draft.ledger, say)
        for dataset in package.datasets:
            say(f"writing {dataset.name}")
            match dataset:
                case Facts():
                    rows = await write_facts(connection, dataset, draft.folder / path_of(dataset))
                    resources.append(packaging.resource(dataset, written(draft.folder, dataset, rows)))
                case PersonCounts() | Microdata():
                    resources.append(await asyncio.to_thread(_sealed, dataset, outcomes[dataset.name], draft))
                case _:
                    raise TypeError(f"{dataset.name} is neither facts nor counts of persons")
    (draft.folder / LEDGER).write_text(draft.ledger.text(), encoding="utf-8")
    draft.risk.write(draft.folder)
    return resources


def _sealed(dataset: PersonCounts | Microdata, outcome: Outcome, draft: _Draft) -> dict[str, Any]:
    """Audit what is told of persons, and write it."""
    sealed = outcome.sealed
    draft.risk.add(dataset, outcome.counted, sealed.rows, outcome.revised_counts)
    (draft.folder / path_of(dataset)).write_text(csv_text(dataset, sealed.rows), encoding="utf-8", newline="")
    return packaging.resource(dataset, written(draft.folder, dataset, len(sealed.rows)), sealed.periods, sealed.revised)


def _finish(
    package: Package,
    version: str,
    folder: Path,
    resources: Sequence[dict[str, Any]],
    before: Released | None,
    key: ReleaseKey,
    say: Progress,
) -> Released:
    """A release described, checked and signed, still where it was built; the release before where it is the same."""
    if before and without_formats(before.descriptor) == packaging.descriptor(package, before.version, resources):
        return before
    described = packaging.descriptor(package, version, resources)
    (folder / DESCRIPTOR).write_text(json_text(described), encoding="utf-8", newline="")
    write_360giving(folder, described)
    say("validating")
    check(folder)
    return finished(package, Released(folder, described), before, key, say)


def _planned(targets: Sequence[Target], release: Released) -> tuple[str, ...]:
    return tuple(line for target in targets for line in target.plan(release))


def _report(package: Package, release: Released, root: Path, *, is_new: bool, policy_hash: str) -> ReleaseReport:
    rows = release_rows(release, policy_hash)
    return ReleaseReport(package.name, release.version, root / package.name / release.version, is_new, rows)


def release_rows(release: Released, policy_hash: str) -> tuple[ReleaseRow, ...]:
    """What the table `release` keeps of a release."""
    rows = []
    for resource in release.descriptor["resources"]:
        place = f"{release.package}/{release.version}/{resource['path']}"
        digest = resource["hash"].removeprefix("sha256:")
        rows.append(ReleaseRow(resource["name"], release.version, resource["rows"], digest, policy_hash, place))
    return tuple(rows)
