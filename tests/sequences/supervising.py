"""Steps: what the inspectorate and the bureau look at, measure, find and dismiss."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commands.complaint import TakeOverComplaint
from commands.finding import AnswerFinding, CloseFinding, RecordFinding, ReopenFinding
from commands.intake import RecordGrantPayments
from commands.loan import OverrideLoanAmount
from commands.monev import MeasureIndicators
from commands.red_flag import DismissRedFlag
from commands.reveal import ApproveReveal, RevealFields
from commands.sekda_report import FixSekdaReport
from commands.tracking import TrackComplaint
from models.reveal_codes import RevealPurpose
from models.vocabulary import Actor, FindingClass
from policy.viewer import Role, Viewer
from tests.sequences.giving import BIRO_KSD, DINAS, REASON
from tests.sequences.own_data import STEWARD
from tests.sequences.steps import Order, drives
from tests.sequences.watching_over import INSPECTOR, KELURAHAN, desk
from tests.sequences.world import World, institution

_ABOUT = ("collaboration", "institution", "loan", "complaint")


# ---- complaints


@drives(TakeOverComplaint, often=1)
async def take_over_complaint(world: World) -> Order | None:
    complaint = await world.pick("complaint", "t.closed_at is null")
    return complaint and (INSPECTOR, TakeOverComplaint(complaint_id=complaint["id"], reason=REASON))


@drives(TrackComplaint)
async def track_complaint(world: World) -> Order | None:
    codes = sorted(world.codes.values())
    code = world.random.choice(codes) if codes and world.chance(0.9) else "0" * 16
    return world.anybody(), TrackComplaint(tracking_code=code)


# ---- findings


@drives(RecordFinding, often=3)
async def record_finding(world: World) -> Order | None:
    noun = world.random.choice((*_ABOUT, "region"))
    row = await world.pick(noun) if noun != "region" else None
    about: dict[str, Any] = {f"{noun}_id": row["id"]} if row else {"region_code": world.players.areas[0]}
    named = world.random.choice(list(Actor)) if world.chance(0.15) else None
    command = RecordFinding(
        **about,
        classification=world.random.choice(list(FindingClass)),
        text="Contoh temuan",
        recommendation="Contoh rekomendasi",
        due_on=world.today + dt.timedelta(world.random.randint(-1, 20)),
        agency=named,
    )
    return INSPECTOR, command


@drives(AnswerFinding, often=4)
async def answer_finding(world: World) -> Order | None:
    finding = await world.pick("finding", "t.status in ('TERBUKA', 'DIBUKA_KEMBALI')")
    return finding and (_concerned(finding), AnswerFinding(finding_id=finding["id"], answer="Contoh jawaban"))


def _concerned(finding: Any) -> Viewer:
    """The body that is to answer."""
    match finding["assigned_agency"]:
        case "FINTECH" | "AGREGATOR" as agency:
            return institution(Role[agency], finding["institution_id"])
        case "KOLABORATOR":
            return institution(Role.KOLABORATOR, finding["collaborator_id"])
        case "WILAYAH":
            area = finding["region_code"][:8]
            return Viewer(Role.WILAYAH, f"wilayah-{area}", area=area)
        case "BIRO_KSD":
            return BIRO_KSD
    return DINAS


@drives(CloseFinding)
async def close_finding(world: World) -> Order | None:
    answered = await world.pick("finding", "t.status = 'DIJAWAB'")
    return answered and (INSPECTOR, CloseFinding(finding_id=answered["id"], reason=REASON))


@drives(ReopenFinding)
async def reopen_finding(world: World) -> Order | None:
    answered = await world.pick("finding", "t.status in ('DIJAWAB', 'SELESAI')")
    command = answered and ReopenFinding(finding_id=answered["id"], reason=REASON, due_on=world.day(5))
    return answered and (INSPECTOR, command)


# ---- figures


@drives(MeasureIndicators, often=1)
async def measure_indicators(world: World) -> Order | None:
    who = world.random.choice((BIRO_KSD, INSPECTOR, DINAS))
    return who, MeasureIndicators(on=world.day() if world.chance(0.7) else None)


@drives(FixSekdaReport, often=1)
async def fix_sekda_report(world: World) -> Order | None:
    period = world.random.choice(("2021-S1", "2021-S2", "2021", "2020", "2022-S1"))
    on = world.today - dt.timedelta(world.random.randint(0, 3))
    return world.random.choice((BIRO_KSD, STEWARD)), FixSekdaReport(period=period, on=on)


@drives(DismissRedFlag)
async def dismiss_red_flag(world: World) -> Order | None:
    flag = await world.pick("red_flag", "t.status = 'TERBUKA'")
    who = world.random.choice((BIRO_KSD, INSPECTOR))
    return flag and (who, DismissRedFlag(red_flag_id=flag["id"], reason=REASON))


# ---- exceptions and payments


@drives(OverrideLoanAmount)
async def override_loan_amount(world: World) -> Order | None:
    loan = await world.pick(
        "loan", "t.status in ('DIUSULKAN', 'DISARING', 'DITAWARKAN') and t.collaboration_id is null"
    )
    principal = world.random.choice((4_000_000, 6_000_000, 12_000_000, 0))
    return loan and (BIRO_KSD, OverrideLoanAmount(loan_id=loan["id"], principal=principal, reason=REASON))


@drives(RecordGrantPayments, often=5)
async def record_grant_payments(world: World) -> Order | None:
    validated = "t.status = 'TERVALIDASI' and t.region_code = $1"
    files = [await world.pick("intake_application", validated, KELURAHAN) for _ in range(world.random.randint(1, 2))]
    numbers = tuple({file["number"]: None for file in files if file is not None})
    if not numbers:
        return None
    return desk("KEMENTERIAN"), RecordGrantPayments(numbers=numbers, paid_on=world.day())


# ---- reveals


@drives(RevealFields, often=2)
async def reveal_fields(world: World) -> Order | None:
    number = world.random.choice((1, 2, 8))
    owners = await world.tables.fetch("select public_id from ksbb.owner order by id desc limit $1", number)
    command = RevealFields(
        subjects=tuple(owner["public_id"] for owner in owners),
        fields=tuple(world.random.sample(("name", "phone", "nik", "bornOn"), 2)),
        purpose=world.random.choice(list(RevealPurpose)),
        case_number=f"700/{world.next()}/2021",
    )
    return Viewer(Role.INSPEKTORAT, f"inspektur-{world.random.randint(0, 2)}"), command


@drives(ApproveReveal, often=2)
async def approve_reveal(world: World) -> Order | None:
    waits = "t.turn is null and t.decided_by is null"
    if (asked := await world.pick("reveal", waits)) is None:
        await world.tables.execute(
            "insert into ksbb.reveal (id, public_id, role, requested_by, requested_at, requested_on, purpose,"
            " case_number, subject_kind, subjects, subject_count, fields, readings, proof) values (gen_random_uuid(),"
            " $1, 'INSPEKTORAT', 'inspektur-0', $2, $3, 'PENGADUAN', '700/1', 'owner', 'owner_x', 1, 'name', 0, '')",
            f"reveal_{world.next()}",
            world.clock.now(),
            world.today,
        )
        asked = await world.pick("reveal", waits)
    officer = Viewer(Role.INSPEKTORAT, f"inspektur-{world.random.randint(0, 2)}")
    return asked and (officer, ApproveReveal(reveal_id=asked["id"], refuse=world.chance(0.2)))
