"""Releases of open data that lie in a catalogue: which there are, what changed, whether they are what was signed.

And the way to take one back.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.answer import answer, growing_progress
from cli.database import open_server
from cli.options import AsJson
from cli.viewers import login
from kernel.settings import Settings

if TYPE_CHECKING:
    from commands.release import WithdrawRelease
    from commands.release_approval import ApproveRelease
    from models.server import Server
    from publishing.release.released import Released

releases = typer.Typer(help="Releases of open data: list, diff, verify, withdraw, approve.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(help="A version in the catalogue, such as 1.0.1 or latest, or a folder.")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", exists=True, dir_okay=False, readable=True, help="Public key (PEM); else the one there."),
]


@releases.command("list")
def release_list(as_json: AsJson = False) -> None:
    """List the releases in the catalogue, newest last."""
    from publishing.holding import held_folder
    from publishing.release.editions import withdrawn_versions
    from publishing.release.released import number_of, open_release, release_folders

    settings = Settings.read(os.environ)
    catalogue = _catalogue(settings)
    found = [_told(open_release(folder)) for folder in release_folders(catalogue)]
    held = [_told(open_release(folder)) for folder in release_folders(held_folder(catalogue.parent, catalogue.name))]
    found += [{**one, "seal": f"{one['seal']}, waits for approval"} for one in held]
    lines = [
        f"{one['version']:>10}  {one['rows']:10,} rows in {one['datasets']} datasets, {one['seal']}" for one in found
    ]
    lines += [f"{version:>10}  withdrawn" for version in sorted(withdrawn_versions(catalogue), key=number_of)]
    answer(found, as_json, lines or ["There are no releases yet: `ksbb publish` makes one."])


@releases.command("diff")
def release_diff(old: Which, new: Which, as_json: AsJson = False) -> None:
    """Tell what changed from one release to another: shape and rows; every row with --json."""
    from publishing.changes.release_changes import write_changes

    settings = Settings.read(os.environ)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        changes = write_changes(_release(settings, old), _release(settings, new), out)
        if as_json:
            out.seek(0)
            shutil.copyfileobj(out, sys.stdout)
            return
    answer({}, False, changes.lines())


@releases.command("verify")
def release_verify(
    place: Annotated[str, typer.Argument(metavar="PATH|URL", help="The folder or address of a release.")],
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Check that a release is what its publisher signed: signature, hashes, no file too many or too few."""
    from publishing.release.verify import FolderPlace, verify

    shown = growing_progress("Checking files")
    if "://" in place:
        from publishing.release.remote import remote

        with remote(place) as there:
            verdict = verify(there, key, shown)
    else:
        verdict = verify(FolderPlace.at(place), key, shown)
    answer(verdict.as_dict(), as_json, verdict.lines())
    if not verdict.holds:
        raise typer.Exit(1)


@releases.command("withdraw")
def release_withdraw(
    version: Annotated[str, typer.Argument(help="The version, such as 1.0.3.")],
    reason: Annotated[str, typer.Option(help="Why, in Indonesian; everybody reads it.")],
    reason_en: Annotated[str, typer.Option(help="Why, in English; as in Indonesian if left out.")] = "",
    replaced_by: Annotated[str, typer.Option(help="The version that replaces it, if one does.")] = "",
    also: Annotated[
        list[str] | None,
        typer.Option("--from", help="Another place that had it, as --to of publish. The settings' portal always."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a release back: a notice stands for its files, here and on portals. Said again, it finishes that."""
    from commands.release import WithdrawRelease

    settings = Settings.read(os.environ)
    order = WithdrawRelease(
        version=version, reason=reason, reason_en=reason_en or None, replaced_by=replaced_by or None
    )
    with open_server(settings) as server:
        asyncio.run(_withdraw(settings, server, order, also or ()))
    answer({"version": version, "withdrawn": True}, as_json, [f"Release {version} is withdrawn."])


@releases.command("approve")
def release_approve(
    version: Annotated[str, typer.Argument(help="The version that waits, such as 1.0.4.")],
    refuse: Annotated[str, typer.Option("--refuse", help="Refuse it instead, for this reason; it is dropped.")] = "",
    as_json: AsJson = False,
) -> None:
    """Approve a release that waits since the privacy policy changed; with the second approval it comes out."""
    from commands.release_approval import ApproveRelease

    settings = Settings.read(os.environ)
    order = ApproveRelease(version=version, refused_because=refuse or None)
    with open_server(settings) as server:
        told = asyncio.run(_approve(settings, server, order))
    came = "is refused" if refuse else "came out" if not told["needed"] else f"waits for {told['needed']} more"
    answer({"version": version, **told}, as_json, [f"Release {version} {came}."])


async def _approve(settings: Settings, server: Server, order: ApproveRelease) -> Mapping[str, Any]:
    """Write the approval down, and carry out what it decides."""
    from datapackages.publish import put_what_is_approved
    from kernel.clock import SystemClock
    from policy.viewer import Role, Viewer
    from server import bus_of

    clock = SystemClock()
    bus = bus_of(settings, server, clock)
    try:
        outcome = await bus.carry_out(Viewer(Role.DISKOMINFOTIK, login()), order)
    finally:
        await bus.close()
    await put_what_is_approved(settings, server, clock)
    return outcome.reply


async def _withdraw(settings: Settings, server: Server, order: WithdrawRelease, also: Sequence[str]) -> None:
    """Write the withdrawal down, unless it is, and carry it out wherever the release may lie."""
    from commands.release import WithdrawnAlready
    from datapackages.publish import catalogue, portals, targets_of
    from datapackages.withdrawing import carry_out_withdrawals
    from kernel.clock import SystemClock
    from policy.viewer import Role, Viewer
    from server import bus_of

    clock = SystemClock()
    targets = [*portals(settings), *(target for to in also for target in targets_of(settings, to, clock, None))]
    bus = bus_of(settings, server, clock)
    try:
        with suppress(WithdrawnAlready):
            await bus.carry_out(Viewer(Role.ADMIN, f"ksbb-release:{login()}"), order)
    finally:
        await bus.close()
    await carry_out_withdrawals(
        server.uri(), catalogue(settings), clock, settings.public_url, targets, order.version.strip()
    )


def _catalogue(settings: Settings) -> Path:
    from datapackages.package import NAME
    from datapackages.publish import catalogue

    return catalogue(settings) / NAME


def _release(settings: Settings, which: str) -> Released:
    """The release in a folder, or of a version in the catalogue."""
    from publishing.release.released import open_release

    folder = Path(which)
    return open_release(folder if folder.is_dir() else _catalogue(settings) / which)


def _told(release: Released) -> dict[str, object]:
    from publishing.release.manifest import manifest_hash

    resources = release.descriptor["resources"]
    rows = sum(resource["rows"] for resource in resources)
    digest = manifest_hash(release.folder)
    return {
        "version": release.version,
        "datasets": len(resources),
        "rows": rows,
        "seal": "signed" if digest else "not signed",
        "manifest_sha256": digest,
        "folder": str(release.folder),
    }
