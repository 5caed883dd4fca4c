"""Indicators of supervision: complaints with their two clocks, and discrepancies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, func, literal, or_, select

from commands.complaint import CLOSED
from commands.indicators.history import counted, figures, later_steps, named, status_then
from commands.indicators.indicator import AsOf, Basis, Indicator, Share, Unit
from models.complaint import Complaint, FollowUp
from models.constant import const
from models.discrepancy import Discrepancy
from models.vocabulary import ComplaintStatus, DiscrepancyStatus

_OPEN, _SETTLED = "TERBUKA", "SELESAI"
_WHOLE = literal("")


def _ways(as_of: AsOf) -> Any:
    """Each complaint received by then: when it was routed, its last step by then, and the clock that ran.

    Columns: routed_at, routing_due, status, taken_at (of the last step), ran_until (the clock that the last step met),
    runs_until (the clock after it).
    """
    ordered: dict[str, Any] = {"partition_by": FollowUp.complaint_id, "order_by": (FollowUp.taken_at, FollowUp.id)}
    routed = case((FollowUp.status == ComplaintStatus.DITERUSKAN, FollowUp.taken_at))
    steps = (
        select(
            FollowUp.complaint_id,
            cast(FollowUp.status, String).label("status"),
            FollowUp.taken_at,
            FollowUp.due_at,
            func.lag(FollowUp.due_at).over(**ordered).label("ran_until"),
            func.min(routed).over(**ordered).label("routed_at"),
            func.row_number()
            .over(partition_by=FollowUp.complaint_id, order_by=(FollowUp.taken_at.desc(), FollowUp.id.desc()))
            .label("from_last"),
        )
        .where(FollowUp.taken_at < as_of.before)
        .subquery("steps")
    )
    is_last = and_(steps.c.complaint_id == Complaint.id, steps.c.from_last == 1)
    return (
        select(
            Complaint.forward_due_at.label("routing_due"),
            steps.c.routed_at,
            func.coalesce(steps.c.status, ComplaintStatus.DITERIMA.value).label("status"),
            steps.c.taken_at,
            steps.c.ran_until,
            func.coalesce(steps.c.due_at, case((steps.c.status.is_(None), Complaint.forward_due_at))).label(
                "runs_until"
            ),
        )
        .select_from(Complaint.__table__.outerjoin(steps, is_last))
        .where(Complaint.received_at < as_of.before)
        .subquery("ways")
    )


def _is_closed(way: Any) -> Any:
    return way.status.in_([status.value for status in CLOSED])


def _to_be_routed(way: Any, as_of: AsOf) -> Any:
    """Routed, or due to be: a complaint rejected before its routing is neither."""
    return or_(way.routed_at.is_not(None), and_(~_is_closed(way), way.routing_due < as_of.before))


def _to_be_closed(way: Any, as_of: AsOf) -> Any:
    return and_(way.routed_at.is_not(None), or_(_is_closed(way), way.runs_until < as_of.before))


def _complaints(
    name: str, titles: tuple[str, str], meanings: tuple[str, str], which: Callable[[Any, AsOf], Any]
) -> Indicator:
    def measured(as_of: AsOf) -> Select[Any]:
        ways = _ways(as_of)
        return figures(_WHOLE, func.count()).select_from(ways).where(which(ways.c, as_of))

    return Indicator(
        name=name,
        english=titles[0],
        indonesian=titles[1],
        defined=meanings[0],
        definisi=meanings[1],
        unit=Unit.JUMLAH,
        basis=Basis.DIHITUNG,
        sources=_COMPLAINT_COLUMNS,
        measure=measured,
        of_persons=True,
    )


def _by_state(as_of: AsOf) -> Select[Any]:
    ways = _ways(as_of)
    return figures(ways.c.status, func.count()).select_from(ways).group_by(ways.c.status)


def _discrepancies(as_of: AsOf) -> Select[Any]:
    later = later_steps(Discrepancy.__tablename__, as_of)
    is_settled = status_then(Discrepancy, later) == DiscrepancyStatus.DITERIMA.value
    part = case((is_settled, const(_SETTLED)), else_=const(_OPEN))
    by_then = Discrepancy.detected_on <= as_of.day
    return counted(Discrepancy, later, as_of, part, func.count()).where(by_then).group_by(part)


_COMPLAINT_COLUMNS = named(Complaint.received_at, Complaint.forward_due_at, FollowUp.status, FollowUp.due_at)

OF_SUPERVISION = (
    Indicator(
        name="complaints_by_state",
        english="Complaints by state",
        indonesian="Pengaduan menurut status",
        defined="Complaints received by then, by the state that they had then.",
        definisi="Pengaduan yang masuk sampai saat itu, menurut statusnya saat itu.",
        unit=Unit.JUMLAH,
        basis=Basis.DIHITUNG,
        sources=_COMPLAINT_COLUMNS,
        measure=_by_state,
        of_persons=True,
    ),
    _complaints(
        "complaints_received",
        ("Complaints received", "Pengaduan masuk"),
        ("Complaints received by then.", "Pengaduan yang masuk sampai saat itu."),
        lambda way, _: way.routing_due.is_not(None),
    ),
    _complaints(
        "complaints_to_be_routed",
        ("Complaints routed or due to be", "Pengaduan yang diteruskan atau jatuh tempo"),
        ("Routed, or past the time for it.", "Sudah diteruskan, atau melewati batas waktunya."),
        _to_be_routed,
    ),
    _complaints(
        "complaints_routed_in_time",
        ("Complaints routed in time", "Pengaduan diteruskan tepat waktu"),
        ("Routed within the time for it.", "Diteruskan dalam batas waktunya."),
        lambda way, _: way.routed_at <= way.routing_due,
    ),
    _complaints(
        "complaints_to_be_closed",
        ("Complaints closed or due to be", "Pengaduan yang ditutup atau jatuh tempo"),
        ("Routed, and closed or past the time for it.", "Sudah diteruskan, lalu ditutup atau melewati batas waktunya."),
        _to_be_closed,
    ),
    _complaints(
        "complaints_closed_in_time",
        ("Complaints closed in time", "Pengaduan ditutup tepat waktu"),
        (
            "Closed within the time after routing or reopening.",
            "Ditutup dalam batas waktu sejak diteruskan.",
        ),
        lambda way, as_of: and_(_to_be_closed(way, as_of), _is_closed(way), way.taken_at <= way.ran_until),
    ),
    Indicator(
        name="discrepancies_by_state",
        english="Discrepancies, open and settled",
        indonesian="Selisih laporan, terbuka dan selesai",
        defined="Discrepancies detected by then: TERBUKA until they were accepted, SELESAI after.",
        definisi="Selisih yang terdeteksi sampai saat itu: TERBUKA sampai diterima, sesudahnya SELESAI.",
        unit=Unit.JUMLAH,
        basis=Basis.DIHITUNG,
        sources=named(Discrepancy.status, Discrepancy.detected_on),
        measure=_discrepancies,
        of_persons=True,  # most of them are about the loan of a person
    ),
)
SHARES_OF_SUPERVISION = (
    Share(
        name="share_routed_in_time",
        english="Share of complaints routed in time",
        indonesian="Bagian pengaduan diteruskan tepat waktu",
        defined="Of those routed or due to be.",
        definisi="Dari yang diteruskan atau jatuh tempo.",
        part="complaints_routed_in_time",
        whole="complaints_to_be_routed",
    ),
    Share(
        name="share_closed_in_time",
        english="Share of complaints closed in time",
        indonesian="Bagian pengaduan ditutup tepat waktu",
        defined="Of those closed or due to be.",
        definisi="Dari yang ditutup atau jatuh tempo.",
        part="complaints_closed_in_time",
        whole="complaints_to_be_closed",
    ),
)
