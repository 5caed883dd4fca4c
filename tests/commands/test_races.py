"""Two clients at once, over two pools as in two processes: one of them is right, and nobody hears of a deadlock."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from commands.application import ReceiveApplication
from commands.bus import Bus
from commands.collaboration import ConfirmCollaboration
from commands.complaint import (
    FileComplaint,
    FollowUpComplaint,
    ForwardComplaint,
    ResolveComplaint,
    VerifyComplaint,
)
from commands.disbursement import ReportBouncedTransfer
from commands.handover import ConfirmHandover, DisputeHandover, RecordOnwardAid
from commands.intake import CompileRecap, ForwardApplications
from commands.loan import CancelLoan, OfferLoan
from commands.refusal import Refusal
from commands.repayment import ReverseRepayment
from commands.tracking import ReopenComplaint
from commands.trouble import DeclareDefault, ProposeWriteOff, WriteOffLoan
from commands.withdrawal import CancelCollaboration, RevisePledge, WithdrawPledge
from models.server import Server
from models.vocabulary import ComplaintCategory, Party, Programme
from policy.viewer import PUBLIC
from server import bus_of
from tests.commands.lives import PRINCIPAL, Lives
from tests.conftest import SECRET_KEY
from tests.folders import a_data_folder
from tests.sequences.giving import BIRO_KSD, DINAS
from tests.sequences.steps import Order
from tests.sequences.watching_over import KELURAHAN, desk
from tests.sequences.world import COPY, World, a_world, sequence_settings, the_city

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ROUNDS = 60 if os.environ.get("TEST_LONG") else 6
DEADLOCK_MS = 20
"""How soon PostgreSQL looks for a deadlock here; its usual second would make the rounds wait."""
WHY = "Contoh alasan"
EXPIRED = "select count(*) from ksbb.event where type = 'PledgeExpired'"


@dataclass
class Track:
    """A world with a second bus."""

    world: World
    lives: Lives
    buses: tuple[Bus, Bus]
    uri: str

    async def race(self, *orders: Order) -> list[str]:
        """What each came to, `done` or the code of its refusal; started together, on the two buses in turn."""

        async def run(bus: Bus, order: Order) -> str:
            try:
                await bus.carry_out(*order)
            except Refusal as refused:
                return refused.code
            return "done"

        return await asyncio.gather(*(run(self.buses[i % 2], order) for i, order in enumerate(orders)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def track() -> AsyncIterator[Track]:
    """A small city of its own."""
    with a_data_folder() as folder:
        settings = sequence_settings(folder)
        with Server.open(settings) as server:
            await the_city(settings, server)
            async with a_world(settings, server) as world:
                await world.tables.execute(f"alter database {COPY} set deadlock_timeout = {DEADLOCK_MS}")
                copy = Server(server.uri(COPY))
                buses = bus_of(settings, copy, world.clock), bus_of(settings, copy, world.clock)
                yield Track(world, Lives(world), buses, copy.uri())
                for bus in buses:
                    await bus.close()


Start = Callable[[Lives], Awaitable[tuple[Order, Order]]]


# ---- one of two


async def two_recommendations(lives: Lives) -> tuple[Order, Order]:
    business = await lives.free_business()
    first, second = (lives.recommendation(business, f) for f in (lives.fintech, lives.other_fintech))
    return (DINAS, first), (DINAS, second)


async def two_offers_to_one_owner(lives: Lives) -> tuple[Order, Order]:
    loan = await lives.screened()
    other = await lives.screened_by_another(loan)
    return (lives.fintech, OfferLoan(loan_id=loan)), (lives.other_fintech, OfferLoan(loan_id=other))


async def one_loan_into_two_handovers(lives: Lives) -> tuple[Order, Order]:
    loan, _ = await lives.repaid()
    return (lives.fintech, await lives.handing_over(loan)), (lives.fintech, await lives.handing_over(loan))


async def reversal_and_handover(lives: Lives) -> tuple[Order, Order]:
    loan, repayment = await lives.repaid()
    reversal = ReverseRepayment(repayment_id=repayment, reason=WHY)
    return (lives.fintech, reversal), (lives.fintech, await lives.handing_over(loan))


async def reversal_and_reversal(lives: Lives) -> tuple[Order, Order]:
    _, repayment = await lives.repaid()
    order = lives.fintech, ReverseRepayment(repayment_id=repayment, reason=WHY)
    return order, order


async def the_last_instalment_twice(lives: Lives) -> tuple[Order, Order]:
    loan = await lives.running()
    return (lives.fintech, lives.payment(loan)), (lives.fintech, lives.payment(loan))


async def reversal_and_the_contract_of_the_next_loan(lives: Lives) -> tuple[Order, Order]:
    business = await lives.free_business()
    _, repayment = await lives.repaid(business)
    following, _ = await lives.funded(business)
    await lives.do(lives.fintech, await lives.signature(following, Party.DONATUR))
    reversal = ReverseRepayment(repayment_id=repayment, reason=WHY)
    return (lives.fintech, reversal), (lives.fintech, await lives.signature(following, Party.UMKM))


async def bounce_and_repayment(lives: Lives) -> tuple[Order, Order]:
    loan = await lives.disbursed()
    bounced = ReportBouncedTransfer(loan_id=loan, returned_on=lives.world.today, invoice="CONTOH", reason=WHY)
    return (lives.fintech, bounced), (lives.fintech, lives.payment(loan, 1))


async def write_off_and_the_whole_rest(lives: Lives) -> tuple[Order, Order]:
    loan = await lives.running()
    for command in (DeclareDefault(loan_id=loan, reason=WHY), ProposeWriteOff(loan_id=loan, reason=WHY)):
        await lives.do(lives.fintech, command)
    return (BIRO_KSD, WriteOffLoan(loan_id=loan, reason=WHY)), (lives.fintech, lives.payment(loan))


async def withdrawal_and_revision(lives: Lives) -> tuple[Order, Order]:
    _, (pledge,) = await lives.pledged(await lives.need())
    changed = RevisePledge(pledge_id=pledge, quantity=5, estimated_value=1, ends_on=lives.world.today)
    return (lives.donor, WithdrawPledge(pledge_id=pledge, reason=WHY)), (lives.donor, changed)


async def two_confirmations(lives: Lives) -> tuple[Order, Order]:
    made, _ = await lives.pledged(await lives.need(), value=1_000_000_000)
    return (DINAS, ConfirmCollaboration(collaboration_id=made)), (BIRO_KSD, ConfirmCollaboration(collaboration_id=made))


async def contract_and_cancellation(lives: Lives) -> tuple[Order, Order]:
    loan, made = await lives.funded()
    cancelled = BIRO_KSD, CancelCollaboration(collaboration_id=made, reason=WHY)
    return cancelled, (lives.fintech, await lives.signature(loan, Party.DONATUR))


async def payout_and_cancellation(lives: Lives) -> tuple[Order, Order]:
    loan = await lives.contracted()
    return (lives.fintech, await lives.payout(loan)), (lives.fintech, CancelLoan(loan_id=loan, reason=WHY))


async def receipt_and_dispute(lives: Lives) -> tuple[Order, Order]:
    sent = await lives.sent()
    received = ConfirmHandover(handover_id=sent, amount=PRINCIPAL, received_on=lives.world.today)
    return (lives.manager, received), (lives.manager, DisputeHandover(handover_id=sent, amount=0, reason=WHY))


async def twice_more_than_half_passed_on(lives: Lives) -> tuple[Order, Order]:
    aid = RecordOnwardAid(
        handover_id=await lives.received(),
        amount=PRINCIPAL // 2 + 1,
        given_on=lives.world.today,
        programme=Programme.PANGAN,
        description="Contoh",
    )
    return (lives.manager, aid), (lives.manager, aid)


async def one_person_applies_twice(lives: Lives) -> tuple[Order, Order]:
    order = desk("DESA"), application(lives)
    return order, order


async def two_recaps_of_the_same_files(lives: Lives) -> tuple[Order, Order]:
    file = await lives.do(desk("DESA"), application(lives))
    await lives.do(desk("DESA"), ForwardApplications(application_ids=(file,)))
    order = desk("KECAMATAN"), CompileRecap()
    return order, order


async def a_complaint_is_reopened_twice(lives: Lives) -> tuple[Order, Order]:
    form = FileComplaint(category=ComplaintCategory.LAIN, region_code=KELURAHAN, text="Contoh")
    filed = await lives.world.bus.carry_out(PUBLIC, form)
    key: dict[str, Any] = {"complaint_id": lives.world.secrets.internal_key(filed.subject)[1]}
    forwarded = ForwardComplaint(**key, agency="DINAS_PPKUKM")
    for command in (VerifyComplaint(**key), forwarded, FollowUpComplaint(**key), ResolveComplaint(**key)):
        await lives.do(DINAS, command)
    order = PUBLIC, ReopenComplaint(tracking_code=str(filed.reply["trackingCode"]), reason=WHY)
    return order, order


def application(lives: Lives) -> ReceiveApplication:
    """The complete file of somebody new."""
    number = lives.world.next() % 9_000
    return ReceiveApplication(
        region_code=KELURAHAN,
        applicant_name="Contoh Pedagang",
        nik=f"317303020180{number:04}",
        family_card="3173030101109901",
        address="Contoh jalan 1",
        phone="081200000001",
        business_field="Contoh warung",
        permit_number="CONTOH/SKU",
        is_public_employee=False,
        has_bank_credit=False,
    )


@pytest.mark.parametrize(
    "start",
    [
        two_recommendations,
        two_offers_to_one_owner,
        one_loan_into_two_handovers,
        reversal_and_handover,
        reversal_and_reversal,
        the_last_instalment_twice,
        reversal_and_the_contract_of_the_next_loan,
        bounce_and_repayment,
        write_off_and_the_whole_rest,
        withdrawal_and_revision,
        two_confirmations,
        contract_and_cancellation,
        payout_and_cancellation,
        receipt_and_dispute,
        twice_more_than_half_passed_on,
        one_person_applies_twice,
        two_recaps_of_the_same_files,
        a_complaint_is_reopened_twice,
    ],
)
async def test_of_two_that_exclude_each_other_one_is_carried_out(track: Track, start: Start) -> None:
    for turn in range(ROUNDS):
        first, second = await start(track.lives)
        came = await track.race(first, second) if turn % 2 else await track.race(second, first)
        assert came.count("done") == 1, came
        assert await track.world.broken() == []


async def test_a_cancellation_beside_a_confirmation_leaves_nothing_promised(track: Track) -> None:
    for _ in range(ROUNDS):
        need = await track.lives.need()
        made, _ = await track.lives.pledged(need, value=1_000_000_000)
        confirmed = DINAS, ConfirmCollaboration(collaboration_id=made)
        cancelled = BIRO_KSD, CancelCollaboration(collaboration_id=made, reason=WHY)
        came = await track.race(confirmed, cancelled)
        assert came[1] == "done"
        assert came[0] in {"done", "NOT_POSSIBLE_NOW"}
        assert (await track.lives.row("collaboration", made))["status"] == "DIBATALKAN"
        assert (await track.lives.row("need", need))["pledged_quantity"] == 0


# ---- rows locked in opposite orders


async def files_in_both_orders(lives: Lives) -> list[Order]:
    files = [await lives.do(desk("DESA"), application(lives)) for _ in range(8)]
    return [(desk("DESA"), ForwardApplications(application_ids=tuple(some))) for some in (files, files[::-1]) * 4]


async def needs_in_both_orders(lives: Lives) -> list[Order]:
    needs = [await lives.need(100) for _ in range(6)]
    made = [(await lives.pledged(*some, value=500_000_000))[0] for some in (needs, needs[::-1]) * 3]
    large: list[Order] = [(BIRO_KSD, ConfirmCollaboration(collaboration_id=key)) for key in made]
    return [*large, *((lives.donor, lives.form_a(*some)) for some in (needs, needs[::-1]) * 3)]


async def pledges_and_their_collaboration(lives: Lives) -> list[Order]:
    made, pledges = await lives.pledged(*[await lives.need() for _ in range(4)])
    withdrawn: list[Order] = [(lives.donor, WithdrawPledge(pledge_id=key, reason=WHY)) for key in pledges]
    return [*withdrawn, (lives.donor, CancelCollaboration(collaboration_id=made, reason=WHY))]


async def a_loan_and_its_collaboration(lives: Lives) -> list[Order]:
    loan = await lives.contracted()
    made = (await lives.row("loan", loan))["collaboration_id"]
    cancelled = BIRO_KSD, CancelCollaboration(collaboration_id=made, reason=WHY)
    return [(lives.fintech, await lives.payout(loan)), cancelled, cancelled]


async def loans_in_both_orders(lives: Lives) -> list[Order]:
    loans = [(await lives.repaid())[0] for _ in range(2)]
    return [(lives.fintech, await lives.handing_over(*some)) for some in (loans, loans[::-1]) * 2]


@pytest.mark.parametrize(
    "start",
    [
        files_in_both_orders,
        needs_in_both_orders,
        pledges_and_their_collaboration,
        a_loan_and_its_collaboration,
        loans_in_both_orders,
    ],
)
async def test_no_deadlock_surfaces_to_a_caller(track: Track, start: Callable[[Lives], Awaitable[list[Order]]]) -> None:
    for _ in range(ROUNDS):
        came = await track.race(*await start(track.lives))
        assert "done" in came
        assert "CONFLICT" not in came
        assert await track.world.broken() == []


async def test_time_meets_pledges_on_the_same_needs_without_a_deadlock(track: Track) -> None:
    lives, world = track.lives, track.world
    for _ in range(ROUNDS):
        needs = sorted([await lives.need(100) for _ in range(6)])
        for need in needs[::-1]:
            await lives.pledged(need)
        world.clock.move(dt.timedelta(days=32))
        pledging = [(lives.donor, lives.form_a(*needs)) for _ in range(6)]
        ticking = asyncio.gather(*(bus.tick() for bus in track.buses))
        came, ended = await asyncio.gather(track.race(*pledging), ticking)
        assert set(came) == {"done"}
        assert sum(one["pledges expired"] for one in ended) >= len(needs)
        assert {(await lives.row("need", need))["pledged_quantity"] for need in needs} == {18}
        assert await world.broken() == []


async def test_two_processes_tick_at_once_and_everything_ends_once(track: Track) -> None:
    lives, world = track.lives, track.world
    needs = [await lives.need() for _ in range(30)]
    for need in needs:
        await lives.pledged(need)
    before = await world.tables.fetchval(EXPIRED)
    day = (world.today + dt.timedelta(days=32)).isoformat()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KSBB_")},
        "KSBB_DATABASE_URL": track.uri,
        "KSBB_SECRET_KEY": SECRET_KEY,
    }
    command = [sys.executable, "-c", "from cli import main; main()", "tick", "--at", day, "--json"]
    started = [create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE) for _ in range(2)]
    ticking = await asyncio.gather(*started)
    said = await asyncio.gather(*(process.communicate() for process in ticking))
    assert [process.returncode for process in ticking] == [0, 0], said
    expired = sum(json.loads(out)["pledges expired"] for out, _ in said)
    assert expired >= len(needs)
    assert await world.tables.fetchval(EXPIRED) == before + expired
    assert {(await lives.row("need", need))["pledged_quantity"] for need in needs} == {0}
    assert await world.broken() == []
