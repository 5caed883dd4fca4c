"""What is to be done on a portal: the difference between a dataset as it should be and as it was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publishing.portals.ckan.files import File
from publishing.portals.ckan.tables import same_table
from publishing.portals.ckan.views import CHART_TYPE, View, missing, views_of

DRAWN_FROM = "drawn_from"
"""The mark on a resource: the SHA-256 of the file since which its charts keep no older rows."""


@dataclass(frozen=True)
class Site:
    """What a portal told of itself: our organisation, the groups that we may put datasets in, and its plugins."""

    organisation: str
    organisation_title: str
    groups: frozenset[str] = frozenset()
    plugins: frozenset[str] = frozenset()

    @property
    def has_tables(self) -> bool:
        """Whether it has a DataStore."""
        return "datastore" in self.plugins


@dataclass(frozen=True)
class Wanted:
    """A dataset as it should be. `themes` are the groups it belongs to, as far as we may put it there."""

    name: str
    metadata: Mapping[str, Any]
    files: tuple[File, ...]
    themes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """A dataset as it is: what `package_show` says, its tables and its views by the id of their file."""

    package: Mapping[str, Any] | None = None
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    views: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Its files, in their order."""
        return list(self.package["resources"]) if self.package else []

    def groups(self) -> frozenset[str]:
        """The names of the groups it stands in."""
        return frozenset(group["name"] for group in (self.package or {}).get("groups", ()))


@dataclass(frozen=True)
class Plan:
    """The steps from found to wanted, in the order in which they are taken; without any, all is as it should be.

    A table that no longer fits its file goes *before* the file is replaced: readers find no table rather than one that
    contradicts the file. Where a file has no table any more (withdrawn), the bytes are overwritten first.

    `redraw` comes after that: charts keep the rows that they showed for an hour, until their resource is updated, and a
    revision is no update to them. It leaves a mark on the resource, which a revision takes away.
    """

    dataset: str
    create: bool = False
    unload_first: tuple[str, ...] = ()
    revise: bool = False
    send: tuple[File, ...] = ()
    keep: tuple[File, ...] = ()
    drop: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()
    tables_kept: frozenset[str] = frozenset()
    unload_last: tuple[str, ...] = ()
    load: tuple[File, ...] = ()
    redraw: tuple[File, ...] = ()
    views: tuple[tuple[File, View], ...] = ()
    open: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do but to draw views and to open it."""
        steps = (self.create, self.unload_first, self.revise, self.unload_last, self.load, self.redraw)
        return not any(steps)

    def lines(self) -> Iterator[str]:
        """The steps, for people."""
        if self.create:
            yield f"{self.dataset}: create, private until it is complete"
        yield from (f"{self.dataset}: send {file.name} ({file.size:,} bytes)" for file in self.send)
        yield from (f"{self.dataset}: drop {name}" for name in self.drop)
        if self.revise and not self.send:
            yield f"{self.dataset}: change metadata"
        yield from (f"{self.dataset}: drop the table of {name}" for name in self.unload_last)
        yield from (f"{self.dataset}: load the table of {file.name}" for file in self.load)
        yield from (f"{self.dataset}: have the charts of {file.name} drawn anew" for file in self.redraw)
        yield from (f"{self.dataset}: {view.change_of(file)}" for file, view in self.views)
        if self.open:
            yield f"{self.dataset}: make public"
        if self.is_settled and not self.views and not self.open:
            yield f"{self.dataset}: nothing to do"


def plan(wanted: Wanted, found: Found, site: Site, again: frozenset[str] = frozenset()) -> Plan:
    """The steps that are left; files with an id in `again` are sent whatever the portal says of them."""
    stored = {resource["id"]: resource for resource in found.resources}
    ids = [file.id for file in wanted.files]
    send = tuple(f for f in wanted.files if f.id in again or not _has_bytes(stored.get(f.id), f))
    kept = frozenset(f.id for f in wanted.files if _has_table(found, f)) - {f.id for f in send}
    drop = tuple(resource["name"] for resource in found.resources if resource["id"] not in ids)
    groups = found.groups() | (wanted.themes & site.groups)
    stale = [i for i in found.tables if i not in kept and (i not in ids or _file(wanted, i).table)]
    revise = bool(send) or not _same(wanted, found, groups, kept)
    load = tuple(file for file in wanted.files if file.table and file.id not in kept)
    redraw = (file for file in wanted.files if _has_charts(file, found, site))
    return Plan(
        dataset=wanted.name,
        create=found.package is None,
        unload_first=tuple(stale),
        revise=revise,
        send=send,
        keep=tuple(file for file in wanted.files if file not in send),
        drop=drop,
        groups=groups,
        tables_kept=kept,
        unload_last=tuple(i for i in found.tables if i not in kept and i not in stale),
        load=load,
        redraw=tuple(f for f in redraw if revise or f in load or stored[f.id].get(DRAWN_FROM) != f.sha256),
        views=tuple((f, view) for f in wanted.files for view in _missing_views(f, found, site)),
        open=found.package is None or bool(found.package.get("private")),
    )


def revision(wanted: Wanted, steps: Plan, package: Mapping[str, Any]) -> dict[str, Any]:
    """The one call that changes metadata, order, files and bytes, all or nothing, if nobody else changed them.

    The lists are removed first: CKAN merges lists by position otherwise, and a shorter one would drop nothing.
    """
    update: dict[str, Any] = {**wanted.metadata, "resources": [_resource(f, steps.tables_kept) for f in wanted.files]}
    removed = ["-resources", "-tags", "-extras"]
    if steps.groups:
        update["groups"] = [{"name": name} for name in sorted(steps.groups)]
        removed.append("-groups")
    return {"match": lock_of(package), "filter": removed, "update": update}


def lock_of(package: Mapping[str, Any]) -> dict[str, Any]:
    """What must still be so when a revision arrives: nobody changed the dataset since we looked."""
    return {"id": package["id"], "metadata_modified": package["metadata_modified"]}


def _resource(file: File, tables_kept: frozenset[str]) -> dict[str, Any]:
    """What a revision says of a file; CKAN forgets that it has a table when it is not told again."""
    return file.resource() | ({"datastore_active": True} if file.id in tables_kept else {})


def _file(wanted: Wanted, file_id: str) -> File:
    return next(file for file in wanted.files if file.id == file_id)


def _has_bytes(resource: Mapping[str, Any] | None, file: File) -> bool:
    """Whether the portal has the bytes of a file, by our own mark and by the size that the portal measured."""
    return resource is not None and resource.get("sha256") == file.sha256 and resource.get("size") in (None, file.size)


def _has_table(found: Found, file: File) -> bool:
    table = found.tables.get(file.id)
    return table is not None and file.table is not None and same_table(table, file.table, file.about.get("rows"))


def _same(wanted: Wanted, found: Found, groups: frozenset[str], tables_kept: frozenset[str]) -> bool:
    """Whether metadata and list of files are as they should be."""
    if found.package is None or groups != found.groups():
        return False
    if any(_plain(found.package.get(name)) != _plain(value) for name, value in wanted.metadata.items()):
        return False
    if [resource["id"] for resource in found.resources] != [file.id for file in wanted.files]:
        return False
    pairs = zip(found.resources, wanted.files, strict=True)
    return all(_same_resource(resource, _resource(file, tables_kept)) for resource, file in pairs)


def _same_resource(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a resource says what it should; `hash` may have been rewritten by a loader, `url` is made absolute."""
    said = {name: value for name, value in wanted.items() if name not in ("hash", "url")}
    same_name = str(found.get("url", "")).rpartition("/")[2] == wanted["url"]
    return same_name and all((found.get(name) or "") == (value or "") for name, value in said.items())


def _plain(value: Any) -> Any:
    """A field of a dataset without what CKAN adds: ids and states of tags, the order of extras."""
    if isinstance(value, list):
        return sorted((item["key"], item["value"]) if "key" in item else (item["name"],) for item in value)
    return value or ""


def _has_charts(file: File, found: Found, site: Site) -> bool:
    """Whether charts of a file are on the portal, ours or others', or will be."""
    types = {view["view_type"] for view in found.views.get(file.id, ())} | {view.type for view in views_of(file)}
    return CHART_TYPE in types & site.plugins


def _missing_views(file: File, found: Found, site: Site) -> Iterator[View]:
    """The views that fit a file, that the portal has a plugin for, and that are not there as they should be."""
    drawn = (view for view in views_of(file) if view.type in site.plugins)
    return missing(drawn, found.views.get(file.id, ()))
