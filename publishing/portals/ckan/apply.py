"""Bringing a dataset of a portal to where it should be, and reading back what the portal then serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from publishing.portals.ckan.calls import Portal
from publishing.portals.ckan.errors import CkanDatasetChanged, CkanFailing, CkanRefused, CkanServesOtherBytes
from publishing.portals.ckan.files import File, address_of
from publishing.portals.ckan.look import look, show
from publishing.portals.ckan.plan import DRAWN_FROM, Found, Plan, Site, Wanted, plan, revision
from publishing.portals.ckan.views import View, missing

Say = Callable[[str], None]

_ON_A_FILE = {"force": True, "calculate_record_count": False}
"""For the table of an uploaded file, which CKAN calls read-only. False makes it forget its count of the rows and count
anew when asked; with true, CKAN 2.12 goes on telling the count that it has.
"""


def settle(portal: Portal, site: Site, wanted: Wanted, say: Say) -> None:
    """Make a dataset complete, check every byte that the portal serves of it, and only then make it public.

    Safe to repeat after any failure: every try looks first, and does only what is left.

    Raises:
        CkanServesOtherBytes: what was sent twice still comes back otherwise.
        KsbbError: a situation of `publishing.portals.ckan.errors`.
    """
    wrong: frozenset[str] = frozenset()
    for _ in range(2):
        package, views = portal.settled(partial(_carry_out, portal, site, wanted, wrong, say))
        wrong = _other_bytes(portal, wanted, as_public=not package["private"])
        if not wrong:
            _draw_all(portal, wanted, views, say)
            portal.settled(lambda: _open(portal, site, wanted, say))
            return
    names = ", ".join(file.name for file in wanted.files if file.id in wrong)
    raise CkanServesOtherBytes(
        f"{wanted.name}: the portal serves other bytes than were sent: {names}. Tell its keeper; a proxy or a store "
        f"may change files.",
        dataset=wanted.name,
    )


def revise(portal: Portal, data: Mapping[str, Any], files: Mapping[str, File]) -> None:
    """One `package_revise`; with files every part of it travels as JSON text."""
    plain = {name: json.dumps(value) for name, value in data.items()} if files else data
    portal.write("package_revise", plain, files)


def create(portal: Portal, site: Site, name: str, title: str) -> None:
    """An empty dataset. Private: CKAN ignores `draft` from an editor and would show it at once."""
    portal.write("package_create", {"name": name, "title": title, "owner_org": site.organisation, "private": True})


def _carry_out(
    portal: Portal, site: Site, wanted: Wanted, again: frozenset[str], say: Say
) -> tuple[Mapping[str, Any], Sequence[tuple[File, View]]]:
    """Do what is left, and look again whether that is all; the dataset as it then is, and the views that it lacks."""
    found = look(portal, wanted, site)
    steps = plan(wanted, found, site, again)
    if found.package and steps.is_settled:
        return found.package, steps.views
    for line in replace(steps, views=()).lines():
        say(line)
    _change(portal, site, wanted, found, steps)
    after = look(portal, wanted, site)
    left = plan(wanted, after, site)
    if after.package is None or not left.is_settled:
        raise CkanDatasetChanged(
            f"{wanted.name}: the portal took the change but shows something else ({'; '.join(left.lines())}). Somebody "
            f"else may be changing it. Run the same command again.",
            dataset=wanted.name,
        )
    return after.package, left.views


def _change(portal: Portal, site: Site, wanted: Wanted, found: Found, steps: Plan) -> None:
    if steps.create:
        create(portal, site, wanted.name, str(wanted.metadata["title"]))
    for resource_id in steps.unload_first:
        _unload(portal, resource_id)
    if steps.revise:
        is_older = steps.create or steps.unload_first  # these change the mark by which CKAN locks
        package = show(portal, wanted.name, site) if is_older else found.package
        place = {file.id: n for n, file in enumerate(wanted.files)}
        files = {f"update__resources__{place[file.id]}__upload": file for file in steps.send}
        revise(portal, revision(wanted, steps, package or {}), files)
    for resource_id in steps.unload_last:
        _unload(portal, resource_id)
    for file in steps.load:
        _load(portal, file)
    for file in steps.redraw:
        portal.write("resource_patch", {"id": file.id, DRAWN_FROM: file.sha256})


def _draw_all(portal: Portal, wanted: Wanted, views: Sequence[tuple[File, View]], say: Say) -> None:
    """Draw views. A plugin may refuse one, or fail: the data go out all the same, and the next run tries again."""
    for file, view in views:
        say(f"{wanted.name}: {view.change_of(file)}")
        try:
            portal.settled(partial(_draw, portal, file, view))
        except (CkanRefused, CkanFailing) as told:
            say(f"{wanted.name}: {file.name} stays without {view.type}: {told.message}")


def _draw(portal: Portal, file: File, view: View) -> None:
    """Make a view, or change it, unless it is there already."""
    for left in missing([view], portal.read("resource_view_list", id=file.id)):
        portal.write(f"resource_view_{'update' if left.id else 'create'}", left.described(file))


def _unload(portal: Portal, resource_id: str) -> None:
    portal.write("datastore_delete", {"resource_id": resource_id, **_ON_A_FILE})


def _load(portal: Portal, file: File) -> None:
    """Make the table of a file: with its first rows in one transaction, then the other rows."""
    assert file.table is not None
    to = {"resource_id": file.id, **_ON_A_FILE}
    chunks = file.table.chunks()
    shape = {"fields": file.table.fields(), "primary_key": file.table.primary_key()}
    portal.write("datastore_create", {**to, **shape, "records": next(chunks, [])})
    for chunk in chunks:
        portal.write("datastore_upsert", {**to, "method": "insert", "records": chunk})


def _other_bytes(portal: Portal, wanted: Wanted, *, as_public: bool) -> frozenset[str]:
    """The files of which the portal serves other bytes."""

    def is_served(file: File) -> bool:
        address = address_of(portal.address, wanted.name, file.id, file.name)
        return portal.sha256(address, as_public=as_public) == file.sha256

    return frozenset(file.id for file in wanted.files if not is_served(file))


def _open(portal: Portal, site: Site, wanted: Wanted, say: Say) -> None:
    package = show(portal, wanted.name, site)
    if package and package["private"]:
        say(f"{wanted.name}: making it public")
        portal.write("package_patch", {"id": package["id"], "private": False})
