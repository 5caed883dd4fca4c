"""Targets: businesses checked by an officer, what they and sites need, and the sites themselves (kebutuhan, lokasi).

Source: Instruksi Sekda DKI 56/2020, KESATU d.1-2 and e.1, Lampiran I no. 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.guards import month_given
from commands.refusal import NotFound, Path, Refusal
from commands.work import Work
from geo.regions import Level, region
from models.business import Business, Need
from models.place import Place
from models.vocabulary import BusinessStatus, PackageKind, PlaceKind
from policy.viewer import Agency, Role

OPEN, CLOSED = "TERBUKA", "TERTUTUP"
"""What the audit trail says of a need; its status is a column of yes and no."""


class UnusableNeed(Refusal):
    """A need of nothing, or of both a business and a site."""

    code = "UNUSABLE_NEED"

    def __init__(self) -> None:
        super().__init__(
            "A need names what (item), how many (at least 1) and a value, and is of one business or of one site.",
            "Kebutuhan menyebutkan barang, jumlah (minimal 1), dan nilai, untuk satu UMKM atau satu lokasi.",
            path=("item",),
        )


class UnusablePlace(Refusal):
    """A site whose region is wider than a kelurahan."""

    code = "NOT_A_KELURAHAN"

    def __init__(self) -> None:
        super().__init__(
            "A site (lokasi) lies in one kelurahan: give its code, such as 31.71.01.1001.",
            "Lokasi berada di satu kelurahan: berikan kodenya, misalnya 31.71.01.1001.",
            path=("regionCode",),
        )


@dataclass(frozen=True, kw_only=True)
class BusinessVerified(Fact):
    """A business was checked (UMKM diverifikasi)."""

    tells: ClassVar = (Business.verified_on,)


@dataclass(frozen=True, kw_only=True)
class NeedChanged(Fact):
    """A need was registered or closed (kebutuhan didaftarkan atau ditutup)."""

    tells: ClassVar = (Need.open,)

    is_open: bool


@dataclass(frozen=True, kw_only=True)
class PlaceRegistered(Fact):
    """A site was registered (lokasi didaftarkan)."""

    tells: ClassVar = (Place.name,)


@dataclass(frozen=True, kw_only=True)
class VerifyBusiness(Command):
    """Confirm that a business exists and is as registered (verifikasi)."""

    recipient_id: Annotated[UUID, Ref("Recipient"), "The business (UMKM)."]
    is_active: Annotated[bool, "Whether it is in business."] = True


async def verify_business(command: VerifyBusiness, work: Work) -> Business:
    """Note the check, and by whom."""
    business = await _fostered(work, command.recipient_id, ("recipientId",))
    business.verified_on = work.today
    business.verified_by = UUID(work.viewer.person_id) if work.viewer.person_id else None
    before = business.status
    if before is not BusinessStatus.DUPLIKAT:
        business.status = BusinessStatus.AKTIF if command.is_active else BusinessStatus.TIDAK_AKTIF
    work.note_step(business, before, business.status, work.actor)
    work.tell(BusinessVerified(subject=business, region_code=business.region_code))
    return business


async def _fostered(work: Work, key: UUID, path: Path) -> Business:
    """A business that the caller sees and, where it speaks for an agency beside DINAS_PPKUKM, its agency fosters.

    Raises:
        NotFound: it is not.
    """
    business = await work.own(Business, key, path)
    if _fosters_only_its_own(work) and business.supervising_agency != work.viewer.agency:
        raise NotFound("business", path)
    return business


def _fosters_only_its_own(work: Work) -> bool:
    return work.viewer.role is Role.DINAS and work.viewer.agency is not Agency.DINAS_PPKUKM


@dataclass(frozen=True, kw_only=True)
class RegisterNeed(Command):
    """Register what a business or a site needs (kebutuhan, target)."""

    recipient_id: Annotated[UUID | None, Ref("Recipient"), "The business, or leave out (UMKM)."] = None
    place_id: Annotated[UUID | None, Ref("Place"), "The site, or leave out (lokasi)."] = None
    package_kind: Annotated[PackageKind, "Kind of help (jenis paket)."]
    item: Annotated[str, "What (barang atau pelatihan)."]
    quantity: Annotated[int, "How many (jumlah)."]
    estimated_value: Annotated[int, Spelling("Rupiah"), "Estimated value in whole rupiah (nilai perkiraan)."]
    period: Annotated[str, "For which period, YYYYMM (periode)."]


async def register_need(command: RegisterNeed, work: Work) -> Need:
    """Add a need of a business or a site that the caller sees.

    Raises:
        UnusableNeed: it is of nothing, or of both.
        NotAMonth: the period is no month.
    """
    period = month_given(command.period)
    item = command.item.strip()
    if (command.recipient_id is None) is (command.place_id is None) or not item:
        raise UnusableNeed
    if command.quantity < 1 or command.estimated_value < 0:
        raise UnusableNeed
    of: dict[str, object]
    if command.recipient_id is not None:
        business = await _fostered(work, command.recipient_id, ("recipientId",))
        of = {"business_id": business.id, "owner_id": business.owner_id, "listed": business.listed}
        region_code = business.region_code
    else:
        assert command.place_id is not None
        place = await work.own(Place, command.place_id, ("placeId",))
        in_area = place.region_code.startswith(work.viewer.area)  # everybody sees sites; officers act in their own area
        if not in_area or _fosters_only_its_own(work):
            raise NotFound("place", ("placeId",))
        of, region_code = {"place_id": place.id, "listed": True}, place.region_code
    need = work.add(
        Need,
        **of,
        region_code=region_code,
        package_kind=command.package_kind,
        item=item,
        quantity=command.quantity,
        pledged_quantity=0,
        estimated_value=command.estimated_value,
        period=period,
        open=True,
    )
    work.tell(NeedChanged(subject=need, region_code=region_code, is_open=True))
    return need


@dataclass(frozen=True, kw_only=True)
class CloseNeed(Command):
    """Close a need: nothing more can be pledged for it."""

    need_id: Annotated[UUID, Ref("Need"), "The need (kebutuhan)."]


async def close_need(command: CloseNeed, work: Work) -> Need:
    """Close a need; what was pledged stays, and what is given back of it does not open it again."""
    need = await work.own(Need, command.need_id, ("needId",))
    if need.business_id is not None:
        await _fostered(work, need.business_id, ("needId",))
    elif _fosters_only_its_own(work):
        raise NotFound("need", ("needId",))
    before = OPEN if need.open else CLOSED
    need.open, need.closed_on = False, need.closed_on or work.today
    work.note_step(need, before, CLOSED, work.actor)
    work.tell(NeedChanged(subject=need, region_code=need.region_code, is_open=False))
    return need


@dataclass(frozen=True, kw_only=True)
class RegisterPlace(Command):
    """Register a site of traders with the person in charge (lokbin, loksem, lokprom)."""

    kind: Annotated[PlaceKind, "Kind of site (jenis lokasi)."]
    name: Annotated[str, "Its name (nama)."]
    region_code: Annotated[str, Spelling("RegionCode"), "Its kelurahan (kode wilayah)."]
    capacity: Annotated[int | None, "How many traders it holds (kapasitas)."] = None
    pic_name: Annotated[str | None, "Person in charge (PIC). Never public."] = None
    pic_phone: Annotated[str | None, "How to reach that person. Never public."] = None


async def register_place(command: RegisterPlace, work: Work) -> Place:
    """Add a site, at the centre of its kelurahan until somebody knows better.

    Raises:
        UnusablePlace: the region is wider.
    """
    at = region(command.region_code)
    if at.level is not Level.KELURAHAN:
        raise UnusablePlace
    place = work.add(
        Place,
        kind=command.kind,
        name=command.name.strip(),
        region_code=command.region_code,
        point=(at.lon, at.lat),
        capacity=command.capacity,
        pic_name=command.pic_name,
        pic_phone=command.pic_phone,
    )
    work.tell(PlaceRegistered(subject=place, region_code=place.region_code))
    return place


COMMANDS = (
    registered(VerifyBusiness, verify_business, answers="Recipient"),
    registered(RegisterNeed, register_need, answers="Need"),
    registered(CloseNeed, close_need, answers="Need"),
    registered(RegisterPlace, register_place, answers="Place"),
)
