"""Withdrawing a release from a portal: deleting would leave its bytes on the portal's disk, so they are overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from publishing.portals.ckan.apply import Say, revise, settle
from publishing.portals.ckan.archive import archive_of, archived_id
from publishing.portals.ckan.calls import Portal
from publishing.portals.ckan.fields import WITHDRAWN
from publishing.portals.ckan.files import File, dataset_name, memory_file
from publishing.portals.ckan.look import extras, show
from publishing.portals.ckan.plan import Site, Wanted, lock_of
from publishing.portals.target import NOTICE, Withdrawal
from publishing.release.released import Released

_MARK = "[DITARIK / WITHDRAWN] "


def withdraw(portal: Portal, site: Site, release: Released, notice: Withdrawal, say: Say) -> None:
    """Overwrite every file of a release by the notice, then drop the tables, and mark what is left.

    Datasets and addresses stay, so that no link dies without a reason given. A dataset that holds a later release is
    left as it is. Safe to repeat.
    """
    for package in _holding(portal, site, release):
        settle(portal, site, _tombstone(package, notice), say)
    portal.settled(lambda: _bury_archived(portal, site, release, notice, say))


def _holding(portal: Portal, site: Site, release: Released) -> Iterator[dict[str, Any]]:
    """The datasets on the portal that hold this release."""
    for resource in release.descriptor["resources"]:
        package = show(portal, dataset_name(release.package, resource["name"]), site)
        if package and extras(package).get("ksbb_release") == release.version:
            yield package


def _tombstone(package: Mapping[str, Any], notice: Withdrawal) -> Wanted:
    """A dataset with the same files, in each of which the notice stands."""
    told = {
        "ksbb_status": WITHDRAWN,
        "withdrawn_on": str(notice.on),
        "withdrawn_reason": notice.reason.id,
        "withdrawn_reason_en": notice.reason.en,
        "replaced_by": notice.replaced_by,
    }
    kept = {name: value for name, value in (extras(package) | told).items() if value}
    metadata = {
        "title": _MARK + package["title"].removeprefix(_MARK),
        "notes": notice.text(),
        "version": package["version"],
        "license_id": package["license_id"],
        "author": package["author"],
        "tags": [{"name": tag["name"]} for tag in package["tags"]],
        "extras": [{"key": key, "value": value} for key, value in sorted(kept.items())],
    }
    files = tuple(_notice_file(resource, notice) for resource in package["resources"])
    return Wanted(package["name"], metadata, files)


def _notice_file(resource: Mapping[str, Any], notice: Withdrawal) -> File:
    about = {
        "key": resource.get("key", ""),
        "name": _MARK + resource["name"].removeprefix(_MARK),
        "description": notice.text(),
        "format": "TXT",
        "mimetype": "text/plain",
        "ksbb_status": WITHDRAWN,
    }
    return memory_file(resource["id"], NOTICE, notice.text().encode(), about)


def _bury_archived(portal: Portal, site: Site, release: Released, notice: Withdrawal, say: Say) -> None:
    package = show(portal, archive_of(release), site)
    found = next((r for r in (package or {"resources": []})["resources"] if r["id"] == archived_id(release)), None)
    if package is None or found is None or found.get("ksbb_status") == WITHDRAWN:
        return
    say(f"{package['name']}: overwrite release {release.version}")
    file = _notice_file(found, notice)
    data = {"match": lock_of(package), f"update__resources__{found['id']}": file.resource()}
    revise(portal, data, {f"update__resources__{found['id']}__upload": file})
