"""Pledges of goods and training: form A (komitmen); what may be done with them afterwards: `commands/withdrawal.py`.

Source: Instruksi Sekda DKI 56/2020, Lampiran II A, B1-B3 and C, form A (B2); invariants 2 and 10 of DOMAIN section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from commands.collaboration import (
    ScheduleUpsideDown,
    collaboration_moved,
    confirm,
    expiry,
)
from commands.command import Command, Ref, Spelling, registered
from commands.form_a import form_a
from commands.guards import require_active, require_programme_open
from commands.refusal import Path, Refusal
from commands.work import Work
from kernel.money import MOST, Rupiah
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
    """Who pledges for others must say for whom; a donor pledges for itself."""

    code = "DONOR_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "A fund manager and Biro KSD name the donor they pledge for; a donor pledges for itself and names none.",
            "Agregator dan Biro KSD menyebutkan kolaborator yang diwakilinya; kolaborator berkomitmen untuk dirinya "
            "sendiri.",
            path=("onBehalfOf",),
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
        UUID | None,
        Ref("Collaborator"),
        "For fund managers and Biro KSD: the donor that is pledged for (kolaborator).",
    ] = None


async def submit_pledge(command: SubmitPledge, work: Work) -> Collaboration:
    """Take form A in; confirmed at once unless it is very large.

    Raises:
        UnusableItem, ScheduleUpsideDown, DonorMissing, NeedOfAnotherKind: a part of the form is wrong.
        PledgeExceedsNeed: more than what is left of a need.
        InstitutionNotActive: the distributor may not take new commitments.
        ProgrammeEnded: nobody may.
    """
    require_programme_open(work)
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
    form = await form_a(work, donor, distributor_id)
    pledges = [_pledge(command, work, collaboration, item, needs, form) for item in command.items]
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
    if sum(item.estimated_value for item in command.items) > MOST:
        raise UnusableItem(("items",))
    if command.ends_on < command.starts_on:
        raise ScheduleUpsideDown


async def _parties(command: SubmitPledge, work: Work) -> tuple[Collaborator, UUID | None, UUID | None]:
    """The donor, the institution that distributes for it, and the agreement of that one."""
    role, asks = work.viewer.role, work.viewer.institution_id
    if (role is Role.KOLABORATOR) is (command.on_behalf_of is not None):
        raise DonorMissing
    distributor_id, agreement_id = UUID(asks) if role is Role.AGREGATOR else command.distributor_id, None
    if distributor_id is not None:
        path = ("distributorId",)
        kind, package = InstitutionKind.AGREGATOR, command.package_kind
        agreement_id = await require_active(work, distributor_id, kind, package, path)
    donor = await work.locked(Collaborator, Collaborator.id == (command.on_behalf_of or UUID(asks)))
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
    command: SubmitPledge,
    work: Work,
    collaboration: Collaboration,
    item: PledgedItem,
    needs: Mapping[UUID, Need],
    form: Mapping[str, Any],
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
        expires_on=expiry(work, command.ends_on),
        form=dict(form),
    )
    work.begin(pledge, PLEDGE, PledgeStatus.DRAF)
    work.move(pledge, PLEDGE, PledgeStatus.DIAJUKAN)
    return pledge


COMMANDS = (registered(SubmitPledge, submit_pledge, answers="Collaboration"),)
