"""What a portal refuses is told so that one knows what to do, and never with the token."""

from __future__ import annotations

import hashlib
import socket

import pytest

from publishing.portals.ckan import errors
from tests.ckan.publishing import delivered, public, target
from tests.ckan.releases import AID, Made
from tests.ckan.site import LARGEST_MB, Portal


@pytest.mark.parametrize("token", ["no-token-of-this-portal", ""])
def test_a_wrong_token_is_told_before_anything_is_done(portal: Portal, made: Made, token: str) -> None:
    with pytest.raises(errors.CkanOrganisationClosed, match="token is wrong") as told:
        target(portal, token=token).check()
    assert not token or token not in told.value.message


def test_a_user_without_the_organisation_is_told_so(portal: Portal) -> None:
    with pytest.raises(errors.CkanOrganisationClosed, match="'dinas-contoh'"):
        target(portal, token=portal.tokens["stranger"]).check()


def test_an_unknown_organisation_is_told_with_those_that_there_are(portal: Portal) -> None:
    with pytest.raises(errors.CkanOrganisationClosed, match="may publish for: dinas-contoh"):
        target(portal, organisation="dinas-lain").check()


def test_a_file_over_the_limit_is_told_with_the_setting(portal: Portal, made: Made) -> None:
    digests = "".join(f"{n},,,,{hashlib.sha256(str(n).encode()).hexdigest()}\n" for n in range(LARGEST_MB * 30_000))
    release = made.release(1, "id,kode_wilayah,jumlah,tanggal,aktif\n" + digests)
    with pytest.raises(errors.CkanFileTooLarge, match="max_resource_size"):
        delivered(portal, release)
    assert public(portal, made.aid) is None


def test_a_portal_that_is_down_is_told_with_the_setting() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        site = Portal(f"http://127.0.0.1:{closed.getsockname()[1]}", {"editor": "x"}, None, None)  # type: ignore[arg-type]  # not there
        with pytest.raises(errors.CkanUnreachable, match="KSBB_CKAN_URL"):
            target(site).check()


def test_another_organisations_dataset_is_left_alone(portal: Portal, made: Made) -> None:
    portal.ask("package_create", "keeper", name=made.aid, owner_org="another")
    with pytest.raises(errors.CkanDatasetTaken, match="another organisation"):
        delivered(portal, made.release(1))


def test_a_name_that_somebody_holds_in_private_is_refused(portal: Portal, made: Made) -> None:
    portal.ask("package_create", "keeper", name=made.aid, owner_org="another", private=True)
    with pytest.raises(errors.CkanForbidden, match="403"):
        delivered(portal, made.release(1))


def test_what_the_keeper_deleted_does_not_come_back(portal: Portal, made: Made) -> None:
    delivered(portal, made.release(1, places=None))
    portal.ask("package_delete", "keeper", id=made.aid)
    with pytest.raises(errors.CkanDatasetTaken, match="deleted"):
        delivered(portal, made.release(2, AID, places=None))
