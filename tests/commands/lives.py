"""Things brought to a state by commands, for tests that race from there on."""

from __future__ import annotations

import datetime as dt
import json
from secrets import token_hex
from typing import Any
from uuid import UUID, uuid4

from commands.collaboration import ConfirmCollaboration, SubmitLoanPledge
from commands.command import Command
from commands.contract import SignEContract
from commands.disbursement import DisburseLoan, ValidateDisbursement
from commands.handover import ConfirmHandover, SendHandover
from commands.loan import ConsentToScreening, OfferLoan, RecommendLoan, ScreenLoan
from commands.pledge import PledgedItem, SubmitPledge
from commands.refusal import Refusal
from commands.repayment import RecordRepayment, RepaymentRow
from commands.target import RegisterNeed
from models.vocabulary import DocumentKind, PackageKind, Party
from policy.viewer import Viewer
from tests.sequences.giving import BIRO_KSD, DINAS
from tests.sequences.uploads import received
from tests.sequences.world import World, owner

PRINCIPAL = 6_000_000
COPIED = """insert into ksbb.{table} ({columns}) select {columns} from jsonb_populate_record(null::ksbb.{table},
    (select to_jsonb(t) || $2 from ksbb.{table} t where t.id = $1))"""
COLUMNS = """select string_agg(quote_ident(column_name), ', ') from information_schema.columns
    where table_schema = 'ksbb' and table_name = $1 and is_generated = 'NEVER'"""


class Lives:
    """Makes needs, pledges, loans and handovers in a world, each new."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fintech, self.other_fintech = world.players.fintechs
        self.manager = world.players.fund_managers[0]
        self.donor = world.players.donors[0]

    async def do(self, who: Viewer, command: Command) -> UUID:
        """The key of what a command is about that must be carried out."""
        outcome = await self.world.bus.carry_out(who, command)
        return self.world.secrets.internal_key(outcome.subject)[1]

    async def refused(self, who: Viewer, command: Command) -> str:
        """The code with which a command is refused."""
        try:
            await self.world.bus.carry_out(who, command)
        except Refusal as refusal:
            return refusal.code
        return "done"

    async def trail(self, key: UUID, table: str) -> list[dict[str, Any]]:
        """The steps of a row in the audit trail, oldest first."""
        query = "select details->'steps' from ksbb.audit_entry where details->>'steps' like $1 order by id"
        told = await self.world.tables.fetch(query, f"%{self.world.secrets.public_id(table, key)}%")
        steps = [step for entry in told for step in json.loads(entry[0])]
        return [step for step in steps if step["id"] == self.world.secrets.public_id(table, key)]

    async def row(self, table: str, key: UUID) -> Any:
        """A row as it is now."""
        return await self.world.tables.fetchrow(f"select * from ksbb.{table} where id = $1", key)

    async def papers(self, *kinds: DocumentKind) -> tuple[UUID, ...]:
        """Received uploads of the fintech, in no form yet."""
        return tuple([await received(self.world, self.fintech, kind) for kind in kinds])

    # ---- goods

    async def need(self, quantity: int = 10) -> UUID:
        """An open need of a place."""
        place = await self.world.tables.fetchval("select id from ksbb.place order by id limit 1")
        needed: dict[str, Any] = {
            "item": "Contoh wastafel",
            "quantity": quantity,
            "estimated_value": 1_000_000,
            "period": "202201",
        }
        return await self.do(DINAS, RegisterNeed(place_id=place, package_kind=PackageKind.SARPRAS, **needed))

    def form_a(self, *needs: UUID, quantity: int = 3, value: int = 1_000_000) -> SubmitPledge:
        """Form A for an equal quantity of some needs."""
        items = [
            PledgedItem(item="Contoh wastafel", quantity=quantity, estimated_value=value, need_id=n) for n in needs
        ]
        return SubmitPledge(
            title="Contoh",
            package_kind=PackageKind.SARPRAS,
            region_code="31",
            items=tuple(items),
            starts_on=self.world.today,
            ends_on=self.world.today,
        )

    async def pledged(self, *needs: UUID, **form: int) -> tuple[UUID, list[UUID]]:
        """A collaboration of the donor and its pledges."""
        made = await self.do(self.donor, self.form_a(*needs, **form))
        query = "select id from ksbb.pledge where collaboration_id = $1 order by id"
        return made, [row["id"] for row in await self.world.tables.fetch(query, made)]

    # ---- loans

    async def free_business(self) -> Any:
        """A verified business of somebody new, like one of the first area."""
        verified = (
            "select * from ksbb.business where status = 'AKTIF' and verified_on is not null"
            " and left(region_code, 8) = $1 order by id limit 1"
        )
        like = await self.world.tables.fetchrow(verified, self.world.players.areas[0])
        person = await self._copied("owner", like["owner_id"], nik_hash="\\x" + token_hex(32))
        return await self.row("business", await self._copied("business", like["id"], owner_id=str(person)))

    async def _copied(self, table: str, key: UUID, **changes: str) -> UUID:
        """A row like another one, but for what must differ."""
        new = uuid4()
        changes |= {"id": str(new), "public_id": self.world.secrets.public_id(table, new)}
        columns = await self.world.tables.fetchval(COLUMNS, table)
        query = COPIED.format(table=table, columns=columns)
        await self.world.tables.execute(query, key, json.dumps(changes))
        return new

    def recommendation(self, business: Any, fintech: Viewer) -> RecommendLoan:
        """A loan of four months."""
        to = UUID(fintech.institution_id)
        return RecommendLoan(recipient_id=business["id"], fintech_id=to, principal=PRINCIPAL, tenor_months=4)

    async def screened(self, business: Any = None) -> UUID:
        """A loan whose screening began."""
        business = business or await self.free_business()
        loan = await self.do(DINAS, self.recommendation(business, self.fintech))
        await self.do(owner(business["owner_id"]), ConsentToScreening(loan_id=loan))
        return await self.do(self.fintech, ScreenLoan(loan_id=loan))

    async def screened_by_another(self, loan: UUID) -> UUID:
        """The same owner's loan at the other fintech, as it came from outside the commands."""
        return await self._copied("loan", loan, fintech_id=self.other_fintech.institution_id)

    async def offered(self, business: Any = None) -> UUID:
        """A loan on the platform of the fintech."""
        return await self.do(self.fintech, OfferLoan(loan_id=await self.screened(business)))

    async def submitted(self, *loans: UUID) -> UUID:
        """Form B for loans on offer, not decided."""
        form = SubmitLoanPledge(
            collaborator_id=UUID(self.donor.institution_id),
            loan_ids=loans,
            title="Contoh",
            region_code="31",
            admin_fee=0,
            origination_fee=0,
            insurance_premium=0,
            starts_on=self.world.today,
            ends_on=self.world.today + dt.timedelta(20),
            document_ids=await self.papers(DocumentKind.DRAF_ECONTRACT),
        )
        return await self.do(self.fintech, form)

    async def signature(self, loan: UUID, party: Party) -> SignEContract:
        """An e-contract signed now, with its file."""
        papers = await self.papers(DocumentKind[f"ECONTRACT_{party}"])
        return SignEContract(loan_id=loan, party=party, signed_at=self.world.clock.now(), document_ids=papers)

    async def funded(self, business: Any = None) -> tuple[UUID, UUID]:
        """A loan and its confirmed collaboration, nothing signed."""
        loan = await self.offered(business)
        collaboration = await self.submitted(loan)
        return loan, await self.do(BIRO_KSD, ConfirmCollaboration(collaboration_id=collaboration))

    async def contracted(self, business: Any = None) -> UUID:
        """A loan with both contracts."""
        loan, _ = await self.funded(business)
        for party in (Party.DONATUR, Party.UMKM):
            await self.do(self.fintech, await self.signature(loan, party))
        return loan

    async def payout(self, loan: UUID) -> DisburseLoan:
        """Form D, with its evidence."""
        papers = await self.papers(DocumentKind.INVOICE_PENCAIRAN, DocumentKind.ECONTRACT_UMKM)
        day = self.world.today
        return DisburseLoan(loan_id=loan, amount=PRINCIPAL, disbursed_on=day, invoice="CONTOH", document_ids=papers)

    async def disbursed(self, business: Any = None) -> UUID:
        """A loan that was paid out and not validated."""
        return await self.do(self.fintech, await self.payout(await self.contracted(business)))

    async def running(self, business: Any = None) -> UUID:
        """A loan that is being repaid."""
        loan = await self.disbursed(business)
        region = (await self.row("loan", loan))["region_code"]
        officer = next(o for o in self.world.players.officers if region.startswith(o.area))
        return await self.do(officer, ValidateDisbursement(loan_id=loan, accepted=True))

    def payment(self, loan: UUID, amount: int = PRINCIPAL) -> RecordRepayment:
        """One row of form E, with a key of its own."""
        key = f"contoh-{self.world.next()}"
        row = RepaymentRow(loan_id=loan, amount=amount, paid_on=self.world.today, invoice=key, report_key=key)
        return RecordRepayment(repayment=row)

    async def repaid(self, business: Any = None) -> tuple[UUID, UUID]:
        """A loan that is LUNAS, and its one repayment."""
        loan = await self.running(business)
        return loan, await self.do(self.fintech, self.payment(loan))

    # ---- handovers

    async def handing_over(self, *loans: UUID) -> SendHandover:
        """Form F, with its evidence."""
        to, papers = UUID(self.manager.institution_id), await self.papers(DocumentKind.BUKTI_SERAH_DANA)
        return SendHandover(fund_manager_id=to, loan_ids=loans, sent_on=self.world.today, document_ids=papers)

    async def sent(self) -> UUID:
        """A handover of one loan on its way."""
        loan, _ = await self.repaid()
        return await self.do(self.fintech, await self.handing_over(loan))

    async def received(self) -> UUID:
        """A handover that was confirmed."""
        command = ConfirmHandover(handover_id=await self.sent(), amount=PRINCIPAL, received_on=self.world.today)
        return await self.do(self.manager, command)
