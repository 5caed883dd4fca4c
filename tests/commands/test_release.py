"""A release is taken back by those who answer for it, once, with a reason that everybody reads."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from datapackages.due import PUBLISHED, carry_out
from kernel.clock import FixedClock
from policy import wall
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.test_loan_journey import done, refused

SHOWN = "release { dataset version withdrawnReason withdrawnReasonEn withdrawnAt replacedBy takenBackAt } datasets"
REASON = {"reason": "Sel terlalu kecil.", "reasonEn": "A cell was too small."}
DATASETS = ("kolaborasi", "wilayah")


async def released(acting: Acting, version: str) -> None:
    """A release as publishing notes it."""
    keys = [uuid.uuid4() for _ in DATASETS]
    public_ids = [acting.city.secrets.public_id("release", key) for key in keys]
    await acting.tables.executemany(
        "insert into ksbb.release (id, public_id, dataset, version, released_at, rows, sha256, policy_hash, path)"
        " values ($1, $2, $3, $4, $5, 1, '', $6, '')",
        [
            (key, public_id, dataset, version, acting.clock.now(), wall.current_hash())
            for key, public_id, dataset in zip(keys, public_ids, DATASETS, strict=True)
        ],
    )


@pytest.mark.parametrize(("role", "version"), [(Role.ADMIN, "1.0.11"), (Role.DISKOMINFOTIK, "1.0.12")])
async def test_a_release_is_withdrawn_whole_and_everybody_reads_why(acting: Acting, role: Role, version: str) -> None:
    await released(acting, version)
    shown = await done(acting, role, "withdrawRelease", SHOWN, version=version, **REASON)
    assert shown == {
        "dataset": "kolaborasi",
        "version": version,
        "withdrawnReason": REASON["reason"],
        "withdrawnReasonEn": REASON["reasonEn"],
        "withdrawnAt": acting.clock.now().isoformat(),
        "replacedBy": None,
        "takenBackAt": None,
    }
    query = f'{{ releases(filter: {{ version: {{ eq: "{version}" }} }}) {{ nodes {{ withdrawnReason }} }} }}'
    answer = await acting(Role.PUBLIK, query)
    assert answer["data"]["releases"]["nodes"] == [{"withdrawnReason": REASON["reason"]}] * 2
    told = await acting.tables.fetch(
        "select e.payload->>'dataset' from ksbb.event e join ksbb.release r on r.id = e.subject_id"
        " where e.type = 'ReleaseWithdrawn' and r.version = $1 order by 1",
        version,
    )
    assert [row[0] for row in told] == list(DATASETS)
    assert (await refused(acting, role, "withdrawRelease", version=version, **REASON))[0] == "WITHDRAWN_ALREADY"


async def test_what_is_wrong_with_a_withdrawal_is_said_at_its_place(acting: Acting) -> None:
    for version in ("1.0.21", "1.0.22"):
        await released(acting, version)
    await done(acting, Role.ADMIN, "withdrawRelease", SHOWN, version="1.0.22", **REASON)
    wrong = [
        ({"version": "9.9.9", **REASON}, ("NO_SUCH_VERSION", ["version"])),
        ({"version": "1.0.21", "reason": " "}, ("REASON_MISSING", ["reason"])),
        *(
            ({"version": "1.0.21", **REASON, "replacedBy": other}, ("NO_SUCH_VERSION", ["replacedBy"]))
            for other in ("1.0.21", "1.0.22", "9.9.9")
        ),
    ]
    for given, expected in wrong:
        assert await refused(acting, Role.ADMIN, "withdrawRelease", **given) == expected


async def test_a_request_to_publish_is_taken_once_and_done_with_its_outcome(acting: Acting) -> None:
    first = await done(acting, Role.DISKOMINFOTIK, "publishRelease", "requestedAt")
    acting.clock.move(dt.timedelta(minutes=1))
    assert await done(acting, Role.ADMIN, "publishRelease", "requestedAt") == first
    clock = FixedClock(acting.clock.now())
    assert (await carry_out(acting.city.settings, acting.city.server, clock))[PUBLISHED] == 1
    assert (await carry_out(acting.city.settings, acting.city.server, clock))[PUBLISHED] == 0
    outcomes = await acting.tables.fetch("select outcome, done_at from ksbb.publication_request")
    assert [tuple(row) for row in outcomes] == [("1.0.23", clock.now())], "no version that was ever recorded"
    assert (acting.city.settings.data_dir / "releases" / "ksbb-umkm" / "1.0.23").is_dir()


async def test_two_officers_approve_a_release_neither_twice_nor_the_one_who_published(acting: Acting) -> None:
    await acting.tables.execute(
        "insert into ksbb.held_release (id, version, manifest_sha256, policy_hash, held_at, made_by)"
        " values (gen_random_uuid(), '1.0.31', '', '', now(), 'penerbit')"
    )
    officers = {name: Viewer(Role.DISKOMINFOTIK, name) for name in ("penerbit", "satu", "dua", "tiga")}
    told = []
    for name in ("penerbit", "satu", "satu", "dua"):
        payload = await acting.do(officers[name], "approveRelease", "approvals needed", version="1.0.31")
        told.append([e["code"] for e in payload["userErrors"]] or (payload["approvals"], payload["needed"]))
    assert told == [["APPROVAL_NOT_YOURS"], (1, 1), ["APPROVAL_NOT_YOURS"], (2, 0)]
    given = {"version": "1.0.31", "refusedBecause": "Contoh"}
    assert (await acting.do(officers["tiga"], "approveRelease", "needed", **given))["needed"] == 0
    assert await refused(acting, officers["dua"], "approveRelease", version="1.0.31") == (
        "RELEASE_NOT_WAITING",
        ["version"],
    )
