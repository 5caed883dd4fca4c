"""Views of the publisher on what was given: deliveries, the map layers, figures that others reported, and reveals.

No person is counted here. Where help went to few, its region is wide; that is decided by those who received a delivery
and were not in the public list before its validation, which no later consent, withdrawal or erasure changes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo.regions import CODE_LENGTH, Level
from models.business import Need
from models.collaboration import Collaboration, Pledge
from models.collaborator import Collaborator
from models.delivery import Delivery, DeliveryRecipient
from models.owner import Consent
from models.place import Place
from models.release import FigureCheck, FigureMention, ReportedFigure
from models.reveal import RevealYear
from models.vocabulary import CollaboratorKind, ConsentPurpose, DeliveryStatus, PackageKind, PlaceKind, PledgeStatus
from policy.public_columns import as_the_public_reads as shown
from policy.public_columns import under_own_name as public
from policy.small_counts import THRESHOLD

PACKAGES = (PackageKind.SARPRAS, PackageKind.PELATIHAN)
"""What is told of here. Needed, promised and paid loans are counts and sums of persons: they are not."""
UNIT = "unit"
"""In what goods are counted: pieces. Seats of trainings that were held are as good as persons, and are not told."""
CHECKED = ("SESUAI", "BERTENTANGAN", "TIDAK_DIPERIKSA")
"""What the checks say of a reported figure: all agree, one does not, there is none."""

_SITES = (PlaceKind.LOKBIN, PlaceKind.LOKSEM, PlaceKind.LOKPROM, PlaceKind.RW, PlaceKind.KELURAHAN)
_STANDING = (PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN, PledgeStatus.TERPENUHI)
_ENDED = (PledgeStatus.DITARIK, PledgeStatus.KEDALUWARSA)
_MEASURES = ("target", "target_value", "pledged", "pledged_value", "delivered", "delivered_value")
_CODE_LENGTH = 16


def fact_views() -> dict[str, Select[Any]]:
    """The views of this module, by name."""
    return {
        "realisation": _realisations(),
        "distribution": _distribution(),
        "reported_figure": _figures(),
        "reveals": _reveals(),
    }


def _realisations() -> Select[Any]:
    """Deliveries that an officer validated; what was reversed later is followed by an entry that takes it back."""
    made = _deliveries()
    entries = union_all(_entries(made, reversed_=False), _entries(made, reversed_=True)).subquery("entry")
    return select(*entries.c, _level(entries.c.region_code).label("level"))


def _entries(made: CTE, *, reversed_: bool) -> Select[Any]:
    """One entry per delivery, or per reversal: the same with the opposite sign and a code of its own."""
    sign = -1 if reversed_ else 1
    undone = _entry_code(made.c.id, "realisasi") if reversed_ else null()
    entries = select(
        _entry_code(made.c.id, "pembalikan" if reversed_ else "realisasi").label("code"),
        cast(undone, Text).label("reverses_code"),
        *(made.c[name] for name in ("number", "region_code", "validated_on", "package_kind", "item", "unit")),
        *((sign * made.c[name]).label(name) for name in ("quantity", "extra_quantity", "value")),
    )
    return entries.where(made.c.status == DeliveryStatus.DIBALIK) if reversed_ else entries


def _deliveries() -> CTE:
    """Validated deliveries of goods and trainings, each with the narrowest region that may be told."""
    few = _recipients()
    goods = Delivery.package_kind == PackageKind.SARPRAS
    pieces = {column: case((goods, shown(column))) for column in (Delivery.quantity, Delivery.extra_quantity)}
    return (
        select(
            Delivery.id,
            public(Collaboration.number),
            _region(few.c.in_kelurahan, few.c.in_kecamatan).label("region_code"),
            *(public(a) for a in (Delivery.validated_on, Delivery.package_kind, Delivery.item, Delivery.status)),
            *(told.label(column.key) for column, told in pieces.items()),
            public(Delivery.value),
            case((goods, UNIT)).label("unit"),
        )
        .join(Collaboration, Collaboration.id == Delivery.collaboration_id)
        .outerjoin(few, few.c.delivery_id == Delivery.id)
        .where(Delivery.status.in_((DeliveryStatus.TERVALIDASI, DeliveryStatus.DIBALIK)))
        .where(Delivery.validated_on.is_not(None), Delivery.package_kind.in_(PACKAGES))
        .where(Collaboration.number.is_not(None))
        .cte("made")
    )


def _recipients() -> CTE:
    """Of each delivery: owners who received a share where it took place, beside those whom the public list showed.

    A share is a quantity above nothing: a reversal leaves it, where it takes back the day of receipt. Consent counts
    from the day before the validation, so that a consent of today widens no region that was published this morning.
    """
    shares = DeliveryRecipient
    was_listed = exists().where(
        Consent.owner_id == shares.owner_id,
        Consent.purpose == ConsentPurpose.TAMPIL_PUBLIK,
        Consent.given_on < Delivery.validated_on,
    )
    owners = func.count(shares.owner_id.distinct())
    nearby = _at(shares.region_code, Level.KECAMATAN) == _at(Delivery.region_code, Level.KECAMATAN)
    return (
        select(
            shares.delivery_id,
            owners.filter(shares.region_code == Delivery.region_code).label("in_kelurahan"),
            owners.filter(nearby).label("in_kecamatan"),
        )
        .join(Delivery, Delivery.id == shares.delivery_id)
        .where(shares.quantity > 0, ~was_listed)
        .group_by(shares.delivery_id)
        .cte("received")
    )


def _region(in_kelurahan: ColumnElement[int], in_kecamatan: ColumnElement[int]) -> ColumnElement[Any]:
    """Where a delivery took place, as narrow as enough of its recipients are at home there; else its kota.

    What can still be inferred: a kecamatan or kota stands where 0 to 9 of them are in the region below.
    """
    code = shown(Delivery.region_code)
    return case(
        (in_kelurahan >= THRESHOLD, code),
        (in_kecamatan >= THRESHOLD, _at(code, Level.KECAMATAN)),
        else_=_at(code, Level.KOTA),
    )


def _distribution() -> Select[Any]:
    """What sites need, what is pledged and what was delivered, by month, region and package; loans are left out."""
    layers = union_all(_targets(), _pledges(), _delivered()).subquery("layer")
    cell = (layers.c.month, layers.c.region_code, layers.c.package_kind)
    sums: dict[str, ColumnElement[Any]] = {name: func.sum(layers.c[name]) for name in _MEASURES}
    sums["delivered"] = case((layers.c.package_kind == PackageKind.SARPRAS, sums["delivered"]))
    level = _level(layers.c.region_code).label("level")
    return select(*cell, level, *(told.label(name) for name, told in sums.items())).group_by(*cell)


def _targets() -> Select[Any]:
    """Needs of public sites. A need of a business, or of its own premises, tells of a person and is left out."""
    needs = _layer(
        shown(Need.period), shown(Need.region_code), Need.package_kind, target=Need.quantity, value=Need.estimated_value
    )
    return needs.join(Place, Place.id == Need.place_id).where(Place.kind.in_(_SITES), Need.package_kind.in_(PACKAGES))


def _pledges() -> Select[Any]:
    """Accepted pledges in the month of their collaboration's number; of goods that ended, what was delivered of them.

    A pledge of a body stands where the site lies whose need it meets; others where `kolaborasi` shows them; one that
    meets a need of a business in its kota, so that nobody learns where that business is.
    """
    quantity, value = shown(Pledge.quantity), shown(Pledge.estimated_value)
    delivered = shown(Pledge.delivered_quantity)
    stands, goods = shown(Pledge.status).in_(_STANDING), Pledge.package_kind == PackageKind.SARPRAS
    home = shown(Collaboration.region_code)
    private = or_(Collaborator.kind == CollaboratorKind.PERORANGAN, Collaborator.anonymous)
    region = case(
        (and_(Place.kind.in_(_SITES), ~private), shown(Need.region_code)),
        (or_(Place.kind.in_(_SITES), Pledge.need_id.is_(None)), _at(home, Level.KECAMATAN)),
        else_=_at(home, Level.KOTA),
    )
    layer = _layer(
        _month(shown(Collaboration.number_issued_on)),
        region,
        Pledge.package_kind,
        pledged=case((stands, quantity), else_=delivered),
        value=case((stands, value), else_=func.div(cast(value, Numeric) * delivered, quantity)),
    )
    return (
        layer.join(Collaboration, Collaboration.id == Pledge.collaboration_id)
        .join(Collaborator, Collaborator.id == Pledge.collaborator_id)
        .outerjoin(Need, Need.id == Pledge.need_id)
        .outerjoin(Place, Place.id == Need.place_id)
        .where(or_(stands, and_(shown(Pledge.status).in_(_ENDED), delivered > 0, goods)))
        .where(Collaboration.number_issued_on.is_not(None), Pledge.package_kind.in_(PACKAGES))
    )


def _delivered() -> Select[Any]:
    """Deliveries that stand, in the month of their validation and the region in which `realisasi` shows them."""
    made = _deliveries()
    layer = _layer(
        _month(made.c.validated_on),
        made.c.region_code,
        made.c.package_kind,
        delivered=made.c.quantity + made.c.extra_quantity,
        value=made.c.value,
    )
    return layer.where(made.c.status == DeliveryStatus.TERVALIDASI)


def _layer(
    month: ColumnElement[Any], region: ColumnElement[Any], package: Any, *, value: Any, **quantity: Any
) -> Select[Any]:
    """Rows of one map layer: its quantity and value, and nothing in the columns of the others."""
    [(name, number)] = quantity.items()
    known = {name: number, f"{name}_value": value}
    measures = (cast(known.get(column, literal(0)), BigInteger).label(column) for column in _MEASURES)
    return select(month.label("month"), region.label("region_code"), package.label("package_kind"), *measures)


def _figures() -> Select[Any]:
    """Figures as their sources reported them, with the checks that they contradict."""
    named = (FigureMention.check_id == FigureCheck.id, FigureMention.figure_id == ReportedFigure.id)
    checks = exists().where(*named)
    sentence = shown(FigureCheck.formula) + literal(": ") + shown(FigureCheck.outcome)
    told = func.string_agg(sentence, aggregate_order_by(literal("; "), FigureCheck.id))
    against = select(told).where(*named, ~FigureCheck.agrees).scalar_subquery()
    fails, agrees, unchecked = CHECKED[1], CHECKED[0], CHECKED[2]
    state = case((checks.where(~FigureCheck.agrees), fails), (checks, agrees), else_=unchecked)
    figure = ReportedFigure
    columns = (figure.id, figure.value, figure.number, figure.unit, figure.as_of, figure.source, figure.definition)
    return select(
        *(public(column) for column in (*columns, figure.note)), state.label("state"), against.label("contradictions")
    )


def _reveals() -> Select[Any]:
    """How many reveals each sealed year had, by purpose: acts of the office, never of whom."""
    year = cast(shown(RevealYear.year), Text).label("year")  # rows stand in the order of texts
    return select(year, public(RevealYear.purpose), public(RevealYear.reveals))


def _month(day: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.to_char(day, "YYYYMM")


def _at(code: Any, level: Level) -> ColumnElement[Any]:
    """The region of a level around another; a wider one stays as it is."""
    return func.left(code, CODE_LENGTH[level])


def _level(code: ColumnElement[Any]) -> ColumnElement[Any]:
    """The level of a region, told by the length of its code."""
    return case({length: level.value for level, length in CODE_LENGTH.items()}, value=func.length(code))


def _entry_code(key: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
    """A stable code of an entry in open data: a digest of an internal key that nobody outside has ever seen.

    It leads neither to that key nor to the id of the API, which is derived from the key with a secret.
    """
    digest = func.encode(func.sha256(func.convert_to(literal(f"{kind}:") + cast(key, Text), "UTF8")), "hex")
    return literal("RLS-") + func.left(digest, _CODE_LENGTH)
