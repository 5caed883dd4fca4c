"""Pledges of goods and training: form A, its versions, withdrawal and cancellation (komitmen).

Source: Instruksi Sekda DKI 56/2020, Lampiran II A, B1-B3 and C, form A (B2); invariants 2 and 10 of DOMAIN section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import select

from commands.collaboration import (
    EXPIRY_DAYS,
    ScheduleUpsideDown,
    accept,
    close_contact,
    collaboration_moved,
    confirm,
    release,
)
from commands.command import Command, Ref, Spelling, registered
from commands.guards import require_active, stand_by_agreement
from commands.refusal import NotFound, Path, Refusal
from commands.work import Work, reason_given
from kernel.money import Rupiah
from models.business import Need
from models.collaboration import Collaboration, Pledge
from models.collaborator import Collaborator
from models.states import COLLABORATION, PLEDGE
from models.vocabulary import (
    Actor,
    CollaborationStatus,
    InstitutionKind,
    PackageKind,
    PledgeStatus,
    Programme,
)
from policy.viewer import Role

VERY_LARGE: Rupiah = 1_000_000_000
"""Whole rupiah from which a donor goes through the PIC KSBB (Lampiran II C); the seeds name no figure: our proposal."""
MOST_ITEMS = 100


# ---- situations


class UnusableItem(Refusal):
    """A pledge of nothing, of no value, or of a loan."""

    code = "UNUSABLE_ITEM"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Pledge 1 to {MOST_ITEMS} items of SARPRAS or PELATIHAN, each with a name, a quantity and a value.",
            f"Sebutkan 1 sampai {MOST_ITEMS} barang atau pelatihan, masing-masing dengan nama, jumlah, dan nilai.",
            path=path,
        )


class NeedOfAnotherKind(Refusal):
    """A need of another package, or that is closed."""

    code = "NEED_NOT_OPEN"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This need (kebutuhan) is closed, or is for another package. Choose an open one.",
            "Kebutuhan ini sudah tertutup atau untuk paket lain. Pilih kebutuhan yang terbuka.",
            path=path,
        )


class DonorMissing(Refusal):
    """A fund manager that pledges must say for whom; a donor pledges for itself."""

    code = "DONOR_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "A fund manager names the donor it pledges for; a donor pledges for itself and names none.",
            "Agregator menyebutkan kolaborator yang diwakilinya; kolaborator berkomitmen untuk dirinya sendiri.",
            path=("onBehalfOf",),
        )


class DeliveredAlready(Refusal):
    """A collaboration of which something was delivered cannot be cancelled by its owner."""

    code = "DELIVERED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "Something was delivered already. Withdraw the pledges that are left (`withdrawPledge`) instead.",
            "Sebagian sudah direalisasikan. Tarik sisa komitmen dengan `withdrawPledge`.",
            path=("collaborationId",),
        )


class LessThanDelivered(Refusal):
    """A version that promises less than what was delivered."""

    code = "LESS_THAN_DELIVERED"

    def __init__(self, delivered: int) -> None:
        super().__init__(
            f"{delivered} were delivered already: a pledge cannot be less than that.",
            f"{delivered} sudah direalisasikan: komitmen tidak boleh kurang dari itu.",
            path=("quantity",),
            delivered=delivered,
        )


# ---- form A


@dataclass(frozen=True, kw_only=True)
class PledgedItem:
    """One kind of goods or training that is promised."""

    item: Annotated[str, "What (barang atau pelatihan)."]
    quantity: Annotated[int, "How many (jumlah)."]
    estimated_value: Annotated[int, Spelling("Rupiah"), "Estimated value in whole rupiah (nilai perkiraan)."]
    need_id: Annotated[UUID | None, Ref("Need"), "The need that it meets, if one was chosen on the map."] = None


@dataclass(frozen=True, kw_only=True)
class SubmitPledge(Command):
    """Submit form A: pledge goods or training (Formulir Konfirmasi). Below Rp 1 billion it is confirmed at once."""

    title: Annotated[str, "Title of the collaboration, public (judul)."]
    package_kind: Annotated[PackageKind, "SARPRAS or PELATIHAN (jenis paket)."]
    region_code: Annotated[str, Spelling("RegionCode"), "Region that it is for (kode wilayah)."]
    items: Annotated[tuple[PledgedItem, ...], "What is promised, at most 100 items."]
    starts_on: Annotated[dt.date, "First day of delivery or training (jadwal mulai)."]
    ends_on: Annotated[dt.date, "Last day of it (jadwal selesai)."]
    distributor_id: Annotated[
        UUID | None, Ref("Institution"), "The fund manager that distributes, if not the donor itself (penyalur)."
    ] = None
    on_behalf_of: Annotated[
        UUID | None, Ref("Collaborator"), "For fund managers: the donor that is pledged for (kolaborator)."
    ] = None


async def submit_pledge(command: SubmitPledge, work: Work) -> Collaboration:
    """Take form A in; confirmed at once unless it is very large.

    Raises:
        UnusableItem, ScheduleUpsideDown, DonorMissing, NeedOfAnotherKind: a part of the form is wrong.
        PledgeExceedsNeed: more than what is left of a need.
        InstitutionNotActive: the distributor may not take new commitments.
    """
    _check(command)
    donor, distributor_id, agreement_id = await _parties(command, work)
    collaboration = work.add(
        Collaboration,
        title=command.title.strip() or command.items[0].item,
        programme=Programme.UMKM,
        package_kind=command.package_kind,
        collaborator_id=donor.id,
        collaborator_kind=donor.kind,
        distributor_id=distributor_id,
        agreement_id=agreement_id,
        region_code=command.region_code,
        created_on=work.today,
        pledged_value=sum(item.estimated_value for item in command.items),
    )
    work.begin(collaboration, COLLABORATION, CollaborationStatus.DRAF)
    work.move(collaboration, COLLABORATION, CollaborationStatus.DIAJUKAN)
    await work.session.flush()
    needs = await _needs(command, work)
    pledges = [_pledge(command, work, collaboration, item, needs) for item in command.items]
    await work.session.flush()
    if collaboration.pledged_value < VERY_LARGE:
        await confirm(work, collaboration, pledges, by=Actor.SISTEM)
    work.tell(collaboration_moved(collaboration))
    return collaboration


def _check(command: SubmitPledge) -> None:
    if command.package_kind is PackageKind.PINJAMAN_MODAL or not 0 < len(command.items) <= MOST_ITEMS:
        raise UnusableItem(("items",))
    for index, item in enumerate(command.items):
        if not item.item.strip() or item.quantity < 1 or item.estimated_value < 0:
            raise UnusableItem(("items", index))
    if command.ends_on < command.starts_on:
        raise ScheduleUpsideDown


async def _parties(command: SubmitPledge, work: Work) -> tuple[Collaborator, UUID | None, UUID | None]:
    """The donor, the institution that distributes for it, and the agreement of that one."""
    asks = UUID(work.viewer.institution_id)
    manages = work.viewer.role is Role.AGREGATOR
    if manages is (command.on_behalf_of is None):
        raise DonorMissing
    distributor_id, agreement_id = asks if manages else command.distributor_id, None
    if distributor_id is not None:
        path = ("distributorId",)
        kind, package = InstitutionKind.AGREGATOR, command.package_kind
        agreement_id = await require_active(work, distributor_id, kind, package, path)
    donor = await work.locked(Collaborator, Collaborator.id == (command.on_behalf_of or asks))
    if donor is None:
        raise DonorMissing
    return donor, distributor_id, agreement_id


async def _needs(command: SubmitPledge, work: Work) -> Mapping[UUID, Need]:
    """The needs that are met, locked in the order of their keys."""
    place = {item.need_id: ("items", i, "needId") for i, item in enumerate(command.items) if item.need_id is not None}
    needs = {key: await work.own(Need, key, place[key]) for key in sorted(place)}
    for key, need in needs.items():
        if not need.open or need.package_kind is not command.package_kind:
            raise NeedOfAnotherKind(place[key])
    return needs


def _pledge(
    command: SubmitPledge, work: Work, collaboration: Collaboration, item: PledgedItem, needs: Mapping[UUID, Need]
) -> Pledge:
    need = needs.get(item.need_id) if item.need_id is not None else None
    pledge = work.add(
        Pledge,
        collaboration_id=collaboration.id,
        collaborator_id=collaboration.collaborator_id,
        distributor_id=collaboration.distributor_id,
        need_id=item.need_id,
        region_code=collaboration.region_code if need is None else need.region_code,
        version=1,
        package_kind=collaboration.package_kind,
        item=item.item.strip(),
        quantity=item.quantity,
        delivered_quantity=0,
        estimated_value=item.estimated_value,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        expires_on=command.ends_on + dt.timedelta(days=EXPIRY_DAYS),
        form={"formulir": "A", "penyalur": "mandiri" if collaboration.distributor_id is None else "lembaga"},
    )
    work.begin(pledge, PLEDGE, PledgeStatus.DRAF)
    work.move(pledge, PLEDGE, PledgeStatus.DIAJUKAN)
    return pledge


# ---- afterwards


@dataclass(frozen=True, kw_only=True)
class RevisePledge(Command):
    """Change an accepted pledge; the version before stays readable."""

    pledge_id: Annotated[UUID, Ref("Pledge"), "The pledge (komitmen)."]
    quantity: Annotated[int, "How many are promised now (jumlah)."]
    estimated_value: Annotated[int, Spelling("Rupiah"), "Estimated value in whole rupiah (nilai perkiraan)."]
    ends_on: Annotated[dt.date, "Last day of delivery or training (jadwal selesai)."]


@dataclass(frozen=True, kw_only=True)
class WithdrawPledge(Command):
    """Withdraw what is left of a pledge; what was delivered stays, the rest returns to the target."""

    pledge_id: Annotated[UUID, Ref("Pledge"), "The pledge (komitmen)."]
    reason: Annotated[str, "Why (alasan). Never public."]


@dataclass(frozen=True, kw_only=True)
class CancelCollaboration(Command):
    """Cancel a collaboration of which nothing was delivered; what was pledged returns to the target."""

    collaboration_id: Annotated[UUID, Ref("Collaboration"), "The collaboration (kolaborasi)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def revise_pledge(command: RevisePledge, work: Work) -> Pledge:
    """Write a new version and end the one before (DITARIK), in the same place of the target.

    Raises:
        LessThanDelivered, UnusableItem, ScheduleUpsideDown, PledgeExceedsNeed: the new version is not possible.
        InstitutionNotActive: more is promised through an institution that may not take new commitments.
    """
    collaboration, before = await _own_pledge(work, command.pledge_id)
    if command.quantity < 1 or command.estimated_value < 0:
        raise UnusableItem(("quantity",))
    if command.quantity < before.delivered_quantity:
        raise LessThanDelivered(before.delivered_quantity)
    if command.ends_on < before.starts_on:
        raise ScheduleUpsideDown
    if command.quantity > before.quantity or command.estimated_value > before.estimated_value:
        await stand_by_agreement(work, collaboration, ("pledgeId",))
    await release(work, before)
    status = before.status
    work.move(before, PLEDGE, PledgeStatus.DITARIK)
    after = work.add(Pledge, **_copied(before), version=before.version + 1)
    after.quantity, after.estimated_value = command.quantity, type(before.estimated_value)(command.estimated_value)
    after.ends_on, after.expires_on = command.ends_on, command.ends_on + dt.timedelta(days=EXPIRY_DAYS)
    work.begin(after, PLEDGE, PledgeStatus.DRAF)
    work.move(after, PLEDGE, PledgeStatus.DIAJUKAN)
    await work.session.flush()
    await accept(work, after, by=Actor.SISTEM)
    if status is PledgeStatus.TERPENUHI_SEBAGIAN:
        work.move(after, PLEDGE, status, by=Actor.SISTEM)
    collaboration.pledged_value = type(before.estimated_value)(
        collaboration.pledged_value - before.estimated_value + after.estimated_value
    )
    work.tell(collaboration_moved(collaboration))
    return after


def _copied(pledge: Pledge) -> dict[str, object]:
    kept = {"id", "public_id", "version", "status", "quantity", "estimated_value", "ends_on", "expires_on"}
    return {c.key: getattr(pledge, c.key) for c in Pledge.__mapper__.column_attrs if c.key not in kept}


async def withdraw_pledge(command: WithdrawPledge, work: Work) -> Pledge:
    """DITERIMA or TERPENUHI_SEBAGIAN -> DITARIK."""
    reason = reason_given(command.reason)
    collaboration, pledge = await _own_pledge(work, command.pledge_id)
    await release(work, pledge)
    work.move(pledge, PLEDGE, PledgeStatus.DITARIK, reason=reason)
    work.tell(collaboration_moved(collaboration))
    return pledge


async def cancel_collaboration(command: CancelCollaboration, work: Work) -> Collaboration:
    """Any state before the report of a realisation -> DIBATALKAN.

    Raises:
        DeliveredAlready: something of it was delivered.
    """
    reason = reason_given(command.reason)
    collaboration = await work.own(Collaboration, command.collaboration_id, ("collaborationId",))
    if work.viewer.role is not Role.BIRO_KSD and not _is_party(work, collaboration):
        raise NotFound("collaboration", ("collaborationId",))
    pledges = await _pledges_of(work, collaboration)
    if any(pledge.delivered_quantity for pledge in pledges):
        raise DeliveredAlready
    work.move(collaboration, COLLABORATION, CollaborationStatus.DIBATALKAN, reason=reason)
    collaboration.status_reason, collaboration.closed_on = reason, work.today
    await close_contact(work, collaboration)
    for pledge in pledges:
        if pledge.status is PledgeStatus.DITERIMA:
            await release(work, pledge)
            work.move(pledge, PLEDGE, PledgeStatus.DITARIK, by=Actor.KOLABORATOR)
    work.tell(collaboration_moved(collaboration))
    return collaboration


async def _own_pledge(work: Work, key: UUID) -> tuple[Collaboration, Pledge]:
    """A pledge of the caller's own collaboration, both locked; what the public sees of others is not enough."""
    pledge = await work.own(Pledge, key, ("pledgeId",))
    collaboration = await work.locked(Collaboration, Collaboration.id == pledge.collaboration_id)
    if collaboration is None or not _is_party(work, collaboration):
        raise NotFound("pledge", ("pledgeId",))
    return collaboration, pledge


def _is_party(work: Work, collaboration: Collaboration) -> bool:
    return UUID(work.viewer.institution_id) in {collaboration.collaborator_id, collaboration.distributor_id}


async def _pledges_of(work: Work, collaboration: Collaboration) -> Sequence[Pledge]:
    query = select(Pledge).where(Pledge.collaboration_id == collaboration.id).order_by(Pledge.id).with_for_update()
    return (await work.session.execute(query)).scalars().all()


COMMANDS = (
    registered(SubmitPledge, submit_pledge, answers="Collaboration"),
    registered(RevisePledge, revise_pledge, answers="Pledge"),
    registered(WithdrawPledge, withdraw_pledge, answers="Pledge"),
    registered(CancelCollaboration, cancel_collaboration, answers="Collaboration"),
)
