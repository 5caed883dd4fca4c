"""The portal as a target of releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kernel.settings import Settings
from publishing.portals.ckan import archive, withdrawal
from publishing.portals.ckan.apply import Say, settle
from publishing.portals.ckan.calls import Portal
from publishing.portals.ckan.errors import CkanNotConfigured
from publishing.portals.ckan.fields import metadata, themes
from publishing.portals.ckan.files import File, dataset_name, files_of
from publishing.portals.ckan.look import look, look_at_site, show
from publishing.portals.ckan.plan import Site, Wanted, plan
from publishing.portals.ckan.views import views_of
from publishing.portals.target import Withdrawal
from publishing.release.released import Released


@dataclass(frozen=True)
class CkanTarget:
    """A CKAN portal, in which an organisation has one dataset for each of ours and an archive of releases."""

    portal: Portal
    organisation: str
    say: Say = lambda _: None

    def check(self) -> None:
        """Whether the portal would take a release.

        Raises:
            KsbbError: a situation of `publishing.portals.ckan.errors`.
        """
        look_at_site(self.portal, self.organisation)

    def plan(self, release: Released) -> list[str]:
        """What `deliver` would do. Only reads."""
        site = look_at_site(self.portal, self.organisation)
        return list(self._lines(site, release))

    def deliver(self, release: Released) -> None:
        """Hand over a release: first to the archive, then dataset by dataset, each complete before it is public.

        Killed at any call, every dataset is the old one or the new one, and the next run does what is left.

        Raises:
            CkanReleaseWithdrawn: it was withdrawn from this portal.
            KsbbError: another situation of `publishing.portals.ckan.errors`.
        """
        site = look_at_site(self.portal, self.organisation)
        archive.keep(self.portal, site, release, self.say)
        datasets = self._wanted(site, release)
        for wanted in datasets:
            settle(self.portal, site, wanted, self.say)
        for line in _left_out(site, datasets):
            self.say(line)

    def withdraw(self, release: Released, notice: Withdrawal) -> None:
        """Take a release back: its bytes are overwritten by the notice, wherever the portal has them."""
        site = look_at_site(self.portal, self.organisation)
        withdrawal.withdraw(self.portal, site, release, notice, self.say)

    def _lines(self, site: Site, release: Released) -> Iterator[str]:
        name = archive.archive_of(release)
        is_there = archive.archived(show(self.portal, name, site), release)
        yield f"{name}: nothing to do" if is_there else f"{name}: send release {release.version} as a zip file"
        datasets = self._wanted(site, release)
        for wanted in datasets:
            yield from plan(wanted, look(self.portal, wanted, site), site).lines()
        yield from _left_out(site, datasets)

    def _files(self, release: Released, resource: Mapping[str, Any]) -> tuple[File, ...]:
        return files_of(release, resource, self.portal.address)

    def _wanted(self, site: Site, release: Released) -> list[Wanted]:
        return [
            Wanted(
                name=dataset_name(release.package, resource["name"]),
                metadata=metadata(release, resource, site.organisation_title),
                files=tuple(f if site.has_tables else replace(f, table=None) for f in self._files(release, resource)),
                themes=themes(release, resource),
            )
            for resource in release.descriptor["resources"]
        ]


def _left_out(site: Site, datasets: Sequence[Wanted]) -> Iterator[str]:
    """What the portal has no plugin for."""
    types = {view.type for wanted in datasets for file in wanted.files for view in views_of(file)}
    for missing in sorted(types - site.plugins):
        yield f"{missing}: left out, the portal does not have this plugin (docs/ckan.md tells its keeper how to add it)"


def ckan_target(settings: Settings, say: Say) -> CkanTarget:
    """The portal that the settings name.

    Raises:
        CkanNotConfigured: a setting is missing.
    """
    named = {
        "KSBB_CKAN_URL": settings.ckan_url,
        "KSBB_CKAN_TOKEN": settings.ckan_token,
        "KSBB_CKAN_ORGANISATION": settings.ckan_organisation,
    }
    missing = [name for name, value in named.items() if not value]
    if missing:
        raise CkanNotConfigured(
            f"To publish to a CKAN portal, set {', '.join(missing)}. docs/ckan.md says what the portal's keeper gives.",
            missing=missing,
        )
    return CkanTarget(Portal(settings.ckan_url, settings.ckan_token), settings.ckan_organisation, say)
