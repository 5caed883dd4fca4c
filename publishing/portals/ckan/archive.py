"""Older releases on a portal: datasets of whole releases as zip files, which are added and never replaced.

One dataset of releases, and not one dataset for each: some data come out daily, and a portal's search would be full of
them. A new dataset begins after a hundred releases, because CKAN handles the files of a dataset all at once.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from publishing.portals.ckan.apply import Say, create, revise
from publishing.portals.ckan.calls import Portal
from publishing.portals.ckan.errors import CkanReleaseWithdrawn, CkanServesOtherBytes
from publishing.portals.ckan.fields import WITHDRAWN, archive_metadata
from publishing.portals.ckan.files import File, address_of, dataset_name, resource_id
from publishing.portals.ckan.look import show
from publishing.portals.ckan.plan import Site, lock_of
from publishing.release.released import Released

_PER_DATASET = 100
_ZIP_BEGIN = (1980, 1, 1, 0, 0, 0)  # the first day that a zip file can hold: no clock in it
_READABLE = 0o644 << 16


def archive_of(release: Released) -> str:
    """The name of the dataset in which a release is kept."""
    number = int(release.version.rpartition(".")[2])
    return dataset_name(release.package, f"rilis-{(number - 1) // _PER_DATASET + 1:03}")


def archived_id(release: Released) -> str:
    """The id of the zip file of a release."""
    return resource_id(archive_of(release), release.version)


def archived(package: Mapping[str, Any] | None, release: Released) -> Mapping[str, Any] | None:
    """What an archive says of the zip file of a release, if it has it.

    Raises:
        CkanReleaseWithdrawn: it was withdrawn.
    """
    resources = package["resources"] if package else []
    found: Mapping[str, Any] | None = next((r for r in resources if r["id"] == archived_id(release)), None)
    if found and found.get("ksbb_status") == WITHDRAWN:
        raise CkanReleaseWithdrawn(
            f"Release {release.version} was withdrawn from the portal and is not published there again. Make a new "
            f"release.",
            version=release.version,
        )
    return found


def keep(portal: Portal, site: Site, release: Released, say: Say) -> None:
    """Add a release to the archive, read it back, and let the public have it; what is there is left as it is.

    Raises:
        CkanReleaseWithdrawn, CkanServesOtherBytes: see there.
    """
    with tempfile.TemporaryDirectory(prefix="ksbb-") as folder:
        package = portal.settled(lambda: _add(portal, site, release, Path(folder), say))
    _check(portal, package, release)
    if package["private"]:
        portal.settled(lambda: portal.write("package_patch", {"id": package["id"], "private": False}))


def _add(portal: Portal, site: Site, release: Released, folder: Path, say: Say) -> Mapping[str, Any]:
    """The archive with the release in it."""
    name, metadata = archive_of(release), archive_metadata(release)
    package = show(portal, name, site)
    if package and archived(package, release):
        return package
    file = zipped(release, folder)
    if package is None:
        say(f"{name}: create, private until it is complete")
        create(portal, site, name, metadata["title"])
        package = show(portal, name, site) or {}
    say(f"{name}: send {file.name} ({file.size:,} bytes)")
    data = {"match": lock_of(package), "filter": ["-tags", "-extras"], "update": metadata}
    revise(portal, data | {"update__resources__extend": [file.resource()]}, {"update__resources__-1__upload": file})
    return show(portal, name, site) or {}


def _check(portal: Portal, package: Mapping[str, Any], release: Released) -> None:
    """Read the file of a release back."""
    file = archived(package, release)
    assert file
    address = address_of(portal.address, package["name"], file["id"], file["url"].rpartition("/")[2])
    if portal.sha256(address, as_public=not package["private"]) != file["sha256"]:
        raise CkanServesOtherBytes(
            f"{package['name']}: the portal serves other bytes of {file['name']} than were sent. Tell its keeper.",
            version=release.version,
        )


def zipped(release: Released, folder: Path) -> File:
    """The whole folder of a release as one file, the same for the same release."""
    name = f"{release.package}-{release.version}.zip"
    place = folder / name
    with ZipFile(place, "w", ZIP_DEFLATED) as bundle:
        for file in sorted(path for path in release.folder.rglob("*") if path.is_file()):
            entry = ZipInfo(f"{release.version}/{file.relative_to(release.folder).as_posix()}", _ZIP_BEGIN)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, _READABLE
            with file.open("rb") as source, bundle.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
    with place.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    about = {
        "key": release.version,
        "name": f"Rilis {release.version} (ZIP)",
        "description": "Seluruh rilis: data, metadata, dan hash.\n\nThe whole release: data, metadata, and hashes.",
        "format": "ZIP",
        "mimetype": "application/zip",
    }
    return File(archived_id(release), name, place, digest, place.stat().st_size, about)
