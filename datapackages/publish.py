"""Publishing as an installation does it: the city's package, the publisher's login, and the record of the release."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import insert, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.release import ReleasePublished
from commands.work import event_values
from datapackages.approving import approved, clear_dropped, must_wait, note_held, note_put, put_approved
from datapackages.audit_entry import PUBLISH, entry_of
from datapackages.audit_roots import closed_roots
from datapackages.package import NAME, package
from datapackages.withdrawing import clear_withdrawn
from kernel.clock import Clock, today
from kernel.errors import KsbbError
from kernel.keys import KeyMaker
from kernel.settings import Settings
from models.event import Event
from models.release import HeldRelease, Release
from models.server import Server
from models.writing import writing
from policy import wall
from policy.secrets import Secrets
from publishing.catalogue.catalogue import write_catalogue
from publishing.pipeline import Progress, ReleaseReport, ReleaseRow, release_rows
from publishing.pipeline import publish as publish_package
from publishing.portals.ckan.target import ckan_target
from publishing.portals.satu_data import SatuDataTarget
from publishing.portals.target import FolderTarget, Target
from publishing.release.manifest import manifest_hash
from publishing.release.released import latest, number_of
from publishing.release.signing import ReleaseKey

CATALOGUE = "folder"
"""As a target: the catalogue of this installation, and no other place."""

SATU_DATA = "satu-data:"
"""Before a folder, as a target: hand-ins for Satu Data Jakarta in that folder."""
CKAN = "ckan"
"""As a target: the CKAN portal that the settings name."""

_FOLDER = "releases"


class CatalogueIsNotComplete(KsbbError):
    """A release that was recorded is not in the catalogue: what it sealed would be counted again."""

    code = "CATALOGUE_IS_NOT_COMPLETE"

    def __init__(self, *, version: str, folder: Path) -> None:
        super().__init__(
            f"Release {version} is recorded in the database, but is not the newest one in {folder}. Sealed periods are "
            f"carried over from it and never counted again, so nothing was published. Restore the folder from a copy, "
            f"or from a portal that has this release.",
            version=version,
        )


class FolderNotNamed(KsbbError):
    """A target that needs a folder was given none."""

    code = "FOLDER_NOT_NAMED"


class WallOfAnotherPolicy(KsbbError):
    """The views that the publisher would read were not written from the policy of this release."""

    code = "WALL_OF_ANOTHER_POLICY"


def catalogue(settings: Settings) -> Path:
    """The folder of this installation's releases, served under `/data/`."""
    return settings.data_dir / _FOLDER


async def publish(
    settings: Settings,
    server: Server,
    *,
    clock: Clock,
    to: str = CATALOGUE,
    by: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ReleaseReport:
    """Release the city's open data into the catalogue, record it, and hand it to a portal or folder if `to` names one.

    `by` is who publishes. After a change of the privacy policy a new release waits for two other officers instead
    (`approving.py`). A dry run does everything but keep the release and hand it over.

    Raises:
        FolderNotNamed: `satu-data:` without a folder.
        WallOfAnotherPolicy: run `ksbb db upgrade` first.
        CatalogueIsNotComplete: the newest release that was recorded is not there.
        CkanNotConfigured: a setting of the portal is missing.
        ReleaseWaits: one is waiting already.
        KsbbError: a situation of `publishing.pipeline.publish`.
    """
    targets = targets_of(settings, to, clock, progress)
    policy_hash = wall.current_hash()
    uri, secrets = await publisher_uri(settings, server), Secrets.of(settings)
    await _require_complete(server.uri(), catalogue(settings))
    if not dry_run:
        await clear_withdrawn(server.uri(), catalogue(settings), settings.public_url)
        await clear_dropped(server.uri(), catalogue(settings))
    hold = await must_wait(server.uri(), latest(catalogue(settings), NAME), policy_hash)
    report = await publish_package(
        package(),
        uri,
        catalogue(settings),
        clock=clock,
        policy_hash=policy_hash,
        secret=secrets.subkey("disclosure ledger"),
        key=ReleaseKey.of(settings, secrets),
        issued=await _last_recorded(server.uri()),
        audit_roots=await closed_roots(server.uri(), clock),
        targets=targets,
        hold=hold,
        dry_run=dry_run,
        progress=progress,
    )
    if report.is_held:
        keys = KeyMaker(random.SystemRandom(), clock)
        await note_held(server.uri(), catalogue(settings), report.version, policy_hash, by, clock, keys)
    elif not dry_run:
        await _shelve(settings, server, report.datasets, clock, by, is_new=report.is_new)
    return report


async def publisher_uri(settings: Settings, server: Server) -> str:
    """Where the publisher logs in.

    Raises:
        WallOfAnotherPolicy: run `ksbb db upgrade` first.
    """
    if await wall.stored_hash(server.uri()) != wall.current_hash():
        raise WallOfAnotherPolicy("The database's views are not those of this policy. Run `ksbb db upgrade` first.")
    login = f"{settings.role_prefix}{wall.PUBLISHER}"
    return server.role_dsn(login, Secrets.of(settings).role_password(login))


async def put_what_is_approved(settings: Settings, server: Server, clock: Clock) -> int:
    """Put a release in place that waited and was approved, record it, and hand it to the portal of the settings.

    Raises:
        KsbbError: it was dropped, or the portal did not take it; `ksbb publish` hands it over again.
    """
    await clear_dropped(server.uri(), catalogue(settings))
    if (held := await approved(server.uri())) is None:
        return 0
    key = ReleaseKey.of(settings, Secrets.of(settings))
    release = await put_approved(server.uri(), catalogue(settings), held, key, clock)
    rows = release_rows(release, held["policy_hash"])
    await _shelve(settings, server, rows, clock, held["made_by"], is_new=True)
    await note_put(server.uri(), held, clock)
    for target in portals(settings):
        await asyncio.to_thread(target.deliver, release)
    return 1


def after_approval(settings: Settings, to: str) -> list[str]:
    """Where a release that waits goes by itself once it is approved, for people; `to` is not kept until then."""
    portal = " and is handed to the portal of KSBB_CKAN_URL" if settings.ckan_url else ""
    told = [f"Once it is approved, it comes out in the catalogue{portal}."]
    if to not in (CATALOGUE, CKAN):
        told.append(f"It does not reach {to} then: run `ksbb publish --to {to}` after it came out.")
    return told


async def _shelve(
    settings: Settings, server: Server, rows: Sequence[ReleaseRow], clock: Clock, by: str, *, is_new: bool
) -> None:
    """Record a release that lies in the catalogue, and write the catalogue's pages."""
    manifest = manifest_hash(catalogue(settings) / NAME / rows[0].version)
    async with writing(server.uri()) as connection:
        if await _insert(connection, rows, clock, Secrets.of(settings)):
            await connection.execute(entry_of(PUBLISH, rows[0].version, clock, by=by, manifest=manifest))
    released_at = {(NAME, rows[0].version): clock.now()} if is_new else {}
    await asyncio.to_thread(write_catalogue, catalogue(settings), settings.public_url, released_at)


def portals(settings: Settings, progress: Progress | None = None) -> list[Target]:
    """The portals that the settings name."""
    return [ckan_target(settings, progress or (lambda _: None))] if settings.ckan_url else []


def targets_of(settings: Settings, to: str, clock: Clock, progress: Progress | None) -> list[Target]:
    """Where else than to the catalogue a release goes."""
    if to == CATALOGUE:
        return []
    if to == CKAN:
        return [ckan_target(settings, progress or (lambda _: None))]
    if to.startswith(SATU_DATA):
        folder = to.removeprefix(SATU_DATA)
        if not folder:
            raise FolderNotNamed("Name the folder for the hand-in: --to satu-data:FOLDER.")
        return [SatuDataTarget(Path(folder), today(clock))]
    return [FolderTarget(Path(to))]


async def _require_complete(uri: str, root: Path) -> None:
    """Refuse a catalogue that lacks the newest release of the package that was recorded and stands.

    Of a release whose maker was killed before it was recorded the catalogue has more, not less.
    """
    stands = select(Release.version).where(Release.path.startswith(f"{NAME}/"), Release.withdrawn_reason.is_(None))
    async with writing(uri) as connection:
        newest = max((await connection.execute(stands)).scalars(), key=number_of, default=None)
    found = await asyncio.to_thread(latest, root, NAME)
    if newest and (found is None or number_of(found.version) < number_of(newest)):
        raise CatalogueIsNotComplete(version=newest, folder=root / NAME)


async def _last_recorded(uri: str) -> int:
    """The number of the last release that was ever recorded: it is not given again, whatever the catalogue holds."""
    async with writing(uri) as connection:
        known = union(select(Release.version), select(HeldRelease.version))
        return max(map(number_of, (await connection.execute(known)).scalars()), default=0)


async def _insert(connection: AsyncConnection, rows: Sequence[ReleaseRow], clock: Clock, secrets: Secrets) -> bool:
    """Write the release and its event, unless it stands in the table `release` already; whether anything was new."""
    recorded = await connection.execute(select(Release.dataset).where(Release.version == rows[0].version))
    known = set(recorded.scalars())
    keys = KeyMaker(random.SystemRandom(), clock)
    for row in rows:
        if row.dataset not in known:
            key = keys.new()
            named = {"id": key, "public_id": secrets.public_id("release", key), "released_at": clock.now()}
            release = {**named, **row.as_dict()}
            fact = ReleasePublished(subject=Release(**release), dataset=row.dataset)
            await connection.execute(insert(Release).values(release))
            await connection.execute(insert(Event).values(event_values(fact, keys.new(), clock.now())))
    return not known.issuperset(row.dataset for row in rows)
