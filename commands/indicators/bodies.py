"""Indicators of what bodies do: targets, pledges, deliveries, collaborations, institutions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, cast, func

from commands.indicators.history import by_state, counted, later_steps, named, status_then
from commands.indicators.indicator import AsOf, Basis, Indicator, Unit
from models.business import Need
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery
from models.institution import Accreditation
from models.vocabulary import DeliveryStatus, PackageKind, PledgeStatus

STANDING = (PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN, PledgeStatus.TERPENUHI)
_IS_LOAN = Collaboration.package_kind == PackageKind.PINJAMAN_MODAL


def _targets(as_of: AsOf) -> Select[Any]:
    package = cast(Need.package_kind, String)
    later = later_steps(Need.__tablename__, as_of)
    return counted(Need, later, as_of, package, func.sum(Need.estimated_value)).group_by(package)


def _pledged(as_of: AsOf) -> Select[Any]:
    package = cast(Pledge.package_kind, String)
    later = later_steps(Pledge.__tablename__, as_of)
    standing = status_then(Pledge, later).in_([status.value for status in STANDING])
    value = func.sum(Pledge.estimated_value)
    return counted(Pledge, later, as_of, package, value).where(standing).group_by(package)


def _reported(as_of: AsOf) -> Select[Any]:
    states = (DeliveryStatus.DILAPORKAN, DeliveryStatus.TERVALIDASI)
    return _delivered(as_of, states, Delivery.reported_at < as_of.before)


def _validated(as_of: AsOf) -> Select[Any]:
    return _delivered(as_of, (DeliveryStatus.TERVALIDASI,), Delivery.validated_on <= as_of.day)


def _delivered(as_of: AsOf, states: tuple[DeliveryStatus, ...], *conditions: Any) -> Select[Any]:
    package = cast(Delivery.package_kind, String)
    later = later_steps(Delivery.__tablename__, as_of)
    then = status_then(Delivery, later).in_([status.value for status in states])
    value = func.sum(Delivery.value)
    return counted(Delivery, later, as_of, package, value).where(then, *conditions).group_by(package)


def _accreditations(as_of: AsOf) -> Select[Any]:
    later = later_steps(Accreditation.__tablename__, as_of)
    status = status_then(Accreditation, later)
    institutions = func.count(Accreditation.institution_id.distinct())
    return (
        counted(Accreditation, later, as_of, status, institutions)
        .where(Accreditation.applied_on <= as_of.day)
        .group_by(status)
    )


OF_BODIES = (
    Indicator(
        name="target_value",
        english="Targets by package",
        indonesian="Target per paket",
        defined="Estimated value of all needs registered by then, open or closed.",
        definisi="Nilai perkiraan semua kebutuhan yang tercatat sampai saat itu, terbuka maupun tertutup.",
        unit=Unit.RUPIAH,
        basis=Basis.DILAPORKAN,
        sources=named(Need.estimated_value, Need.package_kind),
        measure=_targets,
    ),
    Indicator(
        name="pledged_value",
        english="Pledged by package",
        indonesian="Komitmen per paket",
        defined="Estimated value of pledges that were accepted and stood then.",
        definisi="Nilai perkiraan komitmen yang diterima dan berlaku saat itu.",
        unit=Unit.RUPIAH,
        basis=Basis.DILAPORKAN,
        sources=named(Pledge.estimated_value, Pledge.package_kind, Pledge.status),
        measure=_pledged,
    ),
    Indicator(
        name="delivered_reported",
        english="Deliveries reported by package",
        indonesian="Realisasi dilaporkan per paket",
        defined="Value of deliveries that donors and distributors reported and that were not sent back or reversed.",
        definisi="Nilai realisasi yang dilaporkan kolaborator atau penyalur, tidak dikembalikan atau dibalik.",
        unit=Unit.RUPIAH,
        basis=Basis.DILAPORKAN,
        sources=named(Delivery.value, Delivery.reported_at, Delivery.status),
        measure=_reported,
        lasts=False,  # a report that was sent back may be changed before it is validated
    ),
    Indicator(
        name="delivered_validated",
        english="Deliveries validated by package",
        indonesian="Realisasi tervalidasi per paket",
        defined="Value of deliveries that an officer of the area had validated and that were not reversed.",
        definisi="Nilai realisasi yang sudah divalidasi pendamping dan tidak dibalik.",
        unit=Unit.RUPIAH,
        basis=Basis.TERVALIDASI,
        sources=named(Delivery.value, Delivery.validated_on, Delivery.status),
        measure=_validated,
    ),
    Indicator(
        name="collaborations_by_state",
        english="Collaborations of goods and training by state",
        indonesian="Kolaborasi sarpras dan pelatihan menurut status",
        defined="Collaborations begun by then, by the state that they had then.",
        definisi="Kolaborasi yang dimulai sampai saat itu, menurut statusnya saat itu.",
        unit=Unit.JUMLAH,
        basis=Basis.DIHITUNG,
        sources=named(Collaboration.status, Collaboration.created_on),
        measure=lambda as_of: by_state(Collaboration, as_of, Collaboration.created_on <= as_of.day, ~_IS_LOAN),
    ),
    Indicator(
        name="loan_collaborations_by_state",
        english="Collaborations of loans by state",
        indonesian="Kolaborasi pinjaman menurut status",
        defined="Loan collaborations begun by then, by the state that they had then.",
        definisi="Kolaborasi pinjaman yang dimulai sampai saat itu, menurut statusnya saat itu.",
        unit=Unit.JUMLAH,
        basis=Basis.DIHITUNG,
        sources=named(Collaboration.status, Collaboration.created_on),
        measure=lambda as_of: by_state(Collaboration, as_of, Collaboration.created_on <= as_of.day, _IS_LOAN),
        of_persons=True,  # how far a loan collaboration has come tells of the loans of persons
    ),
    Indicator(
        name="institutions_by_accreditation",
        english="Institutions by accreditation",
        indonesian="Lembaga menurut status akreditasi",
        defined="Institutions with an accreditation in that state then, for whichever package.",
        definisi="Lembaga dengan akreditasi berstatus itu pada saat itu, untuk paket mana pun.",
        unit=Unit.JUMLAH,
        basis=Basis.DIHITUNG,
        sources=named(Accreditation.status, Accreditation.applied_on),
        measure=_accreditations,
    ),
)
