"""How things stand on a portal, read before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from publishing.portals.ckan.calls import Portal
from publishing.portals.ckan.errors import CkanDatasetTaken, CkanNotFound, CkanNotThere, CkanOrganisationClosed
from publishing.portals.ckan.plan import Found, Site, Wanted


def look_at_site(portal: Portal, organisation: str) -> Site:
    """Whether this is a CKAN that takes our datasets, and what it offers.

    Raises:
        CkanNotThere: no CKAN answers.
        CkanOrganisationClosed: a wrong token is no error to CKAN but an anonymous caller, so it shows here first.
    """
    status = portal.read("status_show")
    if not isinstance(status, dict) or "extensions" not in status:
        raise CkanNotThere(
            f"What answers at {portal.address} speaks as a CKAN but has no status. Check KSBB_CKAN_URL.",
            address=portal.address,
        )
    ours = portal.read("organization_list_for_user", permission="create_dataset")
    mine = next((o for o in ours if organisation in (o["name"], o["id"])), None)
    if mine is None:
        names = ", ".join(sorted(o["name"] for o in ours)) or "none: the token is wrong or has run out"
        raise CkanOrganisationClosed(
            f"The token may not publish for the organisation {organisation!r}. Organisations that it may publish for: "
            f"{names}. Set KSBB_CKAN_ORGANISATION to one of them, or ask the portal's keeper to make the user of the "
            f"token an editor, and put a fresh token of that user in KSBB_CKAN_TOKEN.",
            organisation=organisation,
        )
    groups = portal.read("group_list_authz", am_member=True)
    return Site(
        organisation=mine["id"],
        organisation_title=mine["title"],
        groups=frozenset(group["name"] for group in groups),
        plugins=frozenset(status["extensions"]),
    )


def show(portal: Portal, name: str, site: Site) -> dict[str, Any] | None:
    """A dataset of ours by its name, or None where there is none.

    Raises:
        CkanDatasetTaken: it is another organisation's, or it was deleted.
    """
    try:
        package = dict(portal.read("package_show", id=name))
    except CkanNotFound:
        return None
    if package["state"] == "deleted":
        raise CkanDatasetTaken(
            f"The dataset {name} was deleted on the portal, and we do not undo that. Ask the portal's keeper to "
            f"restore or to purge it.",
            dataset=name,
        )
    if package["owner_org"] != site.organisation:
        raise CkanDatasetTaken(
            f"The dataset {name} belongs to another organisation of the portal. Ask the portal's keeper to rename "
            f"it or to give it to ours.",
            dataset=name,
        )
    return package


def look(portal: Portal, wanted: Wanted, site: Site) -> Found:
    """A dataset as it is, with the tables and views of its files."""
    package = show(portal, wanted.name, site)
    if package is None:
        return Found()
    stored = [str(resource["id"]) for resource in package["resources"]]
    tables = {i: _table(portal, i) for i in stored if site.has_tables}
    views = {file.id: portal.read("resource_view_list", id=file.id) for file in wanted.files if file.id in stored}
    return Found(package, {i: table for i, table in tables.items() if table is not None}, views)


def extras(package: Mapping[str, Any]) -> dict[str, str]:
    """The extra fields of a dataset by their names."""
    return {extra["key"]: extra["value"] for extra in package.get("extras", ())}


def _table(portal: Portal, resource_id: str) -> dict[str, Any] | None:
    """Columns and number of rows of a file's table, whatever `datastore_active` says.

    A revision without that flag makes CKAN forget a table, which goes on being served: a withdrawal that was killed
    right after it would leave the rows in the open, and a loading one would add to them.
    """
    try:
        return dict(portal.read("datastore_search", resource_id=resource_id, limit=0))
    except CkanNotFound:
        return None
