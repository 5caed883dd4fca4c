"""Steps: donors are met, registered and answered, and lists of businesses are recommended to fintechs."""

from __future__ import annotations

from uuid import UUID

from commands.announcement import AnnounceLargeDonation, AnswerAnnouncement, AssignAnnouncement, PublishOfficeContact
from commands.collaborator import RegisterCollaborator, UpdateCollaborator
from commands.prospect import RecordOutreachEvent, RecordProspect
from commands.recommendation import LoanTarget, RecommendLoans
from models.vocabulary import CollaboratorKind, DocumentKind, OutreachKind, PackageKind
from tests.sequences.giving import BIRO_KSD, DINAS
from tests.sequences.lending import FREE
from tests.sequences.steps import Order, drives
from tests.sequences.uploads import evidence
from tests.sequences.world import World


@drives(RegisterCollaborator)
async def register_collaborator(world: World) -> Order | None:
    who = world.random.choice((BIRO_KSD, DINAS, *world.players.fund_managers, *world.players.fintechs))
    return who, RegisterCollaborator(
        kind=world.random.choice(list(CollaboratorKind)),
        name="Contoh Dermawan" if world.chance(0.95) else "NIK 3171 0112 0390 0001",
        contact_name="Contoh",
        contact_phone="081200000003",
        anonymous=world.chance(0.2),
        name_consented=world.chance(0.5),
    )


@drives(UpdateCollaborator)
async def update_collaborator(world: World) -> Order | None:
    return world.random.choice(world.players.donors), UpdateCollaborator(
        contact_phone="081200000004" if world.chance(0.3) else None,
        anonymous=world.random.choice((True, False, None)),
        name_consented=world.random.choice((True, False, None)),
    )


@drives(RecordOutreachEvent)
async def record_outreach_event(world: World) -> Order | None:
    return world.random.choice((BIRO_KSD, DINAS)), RecordOutreachEvent(
        kind=world.random.choice(list(OutreachKind)),
        title="Forum Contoh",
        held_on=world.day(),
        place="Balai Contoh",
        donors=world.random.randint(0, 50),
    )


@drives(RecordProspect)
async def record_prospect(world: World) -> Order | None:
    candidate, event = await world.pick("collaborator"), await world.pick("outreach_event")
    through = event["id"] if event and world.chance(0.6) else None
    return candidate and (
        world.random.choice((BIRO_KSD, DINAS)),
        RecordProspect(
            collaborator_id=candidate["id"],
            met_on=world.day(),
            recommended=world.chance(0.5),
            event_id=through,
            forum=None if through and world.chance(0.9) else "Contoh",
        ),
    )


@drives(AnnounceLargeDonation)
async def announce_large_donation(world: World) -> Order | None:
    value = world.random.randint(1_000_000_000, 3_000_000_000) if world.chance(0.9) else 999_999_999
    package = world.random.choice(list(PackageKind))
    command = AnnounceLargeDonation(package_kind=package, estimated_value=value, text="Contoh rencana")
    return world.random.choice(world.players.donors), command


@drives(AssignAnnouncement)
async def assign_announcement(world: World) -> Order | None:
    of_the_bureau = "select from ksbb.role_assignment r where r.user_account_id = t.id and r.role = 'BIRO_KSD'"
    officer = await world.pick("user_account", f"exists ({of_the_bureau})")
    waiting = await world.pick("announcement", "t.status = 'DIAJUKAN'")
    if officer is None or waiting is None:
        return None
    return BIRO_KSD, AssignAnnouncement(announcement_id=waiting["id"], officer_id=officer["id"])


@drives(AnswerAnnouncement)
async def answer_announcement(world: World) -> Order | None:
    waiting = await world.pick("announcement", "t.status in ('DIAJUKAN', 'DITUGASKAN')")
    command = waiting and AnswerAnnouncement(
        announcement_id=waiting["id"], answer="Contoh jawaban", recommended=world.chance(0.7)
    )
    return waiting and (BIRO_KSD, command)


@drives(PublishOfficeContact, often=1)
async def publish_office_contact(world: World) -> Order | None:
    phone = "0210000000" if world.chance(0.9) else None
    return BIRO_KSD, PublishOfficeContact(office="Biro KSD Contoh", phone=phone)


@drives(RecommendLoans)
async def recommend_loans(world: World) -> Order | None:
    """One business twice in a list too: the second one has a loan by then."""
    officer = world.random.choice(world.players.officers)
    found = [await world.pick("business", FREE, officer.area) for _ in range(world.random.randint(1, 2))]
    targets = tuple(
        LoanTarget(recipient_id=business["id"], principal=world.random.randint(5_000_000, 10_000_000), tenor_months=3)
        for business in found
        if business is not None
    )
    papers = await evidence(world, DINAS, [(DocumentKind.REKOMENDASI,)])
    to = UUID(world.random.choice(world.players.fintechs).institution_id)
    return (DINAS, RecommendLoans(fintech_id=to, targets=targets, document_ids=papers)) if targets else None
