"""Boundary files: a GeoJSON FeatureCollection of kelurahan becomes a report and a boundary set."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from geo.boundaries import BoundaryReport, BoundarySet, UnreadableBoundaries, boundary_set, inspect, read_features

KM2 = 1e6  # square metres


@dataclass(frozen=True)
class BoundaryImport:
    """A file that was read: what it is worth, and its boundaries when they can be used."""

    report: BoundaryReport
    boundaries: BoundarySet | None


def read_boundaries(path: Path, *, clean: bool = False) -> BoundaryImport:
    """Read and check a file of boundaries; writes nothing.

    The report is always about the file as it is. `clean` closes thin gaps and settles overlaps in the boundaries.

    Raises:
        UnreadableBoundaries: the file cannot be read as GeoJSON areas.
    """
    features = read_features(_document(path))
    report = inspect(features)
    if not report.usable:
        return BoundaryImport(report, None)
    boundaries = boundary_set(features)
    return BoundaryImport(report, boundaries.cleaned() if clean else boundaries)


def report_text(report: BoundaryReport) -> str:
    """The report as lines for a person: the verdict first, then every finding with its worst examples."""
    findings = [
        _listed("kelurahan without a boundary", report.missing),
        _listed("codes that are no kelurahan", report.unknown),
        _listed("codes that stand twice", report.duplicates),
        _listed("boundaries that are not valid", tuple(f"{code} ({reason})" for code, reason in report.invalid)),
        _listed("boundaries far from their region", report.misplaced),
        _gaps(report),
        _overlaps(report),
    ]
    head = f"{report.features} boundaries, {report.area_m2 / KM2:,.1f} km2: {_verdict(report)}"
    return "\n".join([head, *("  " + finding for finding in findings if finding)])


def _document(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as refused:
        raise UnreadableBoundaries(f"{path.name} cannot be opened: {refused.strerror}.") from None
    except ValueError:
        raise UnreadableBoundaries(f"{path.name} is not JSON in UTF-8.") from None


def _verdict(report: BoundaryReport) -> str:
    if report.clean:
        return "complete and clean."
    if report.usable:
        return "complete, but not a clean coverage; import with cleaning."
    return "cannot be used; correct the file."


def _listed(what: str, items: tuple[str, ...], limit: int = 10) -> str:
    if not items:
        return ""
    more = f" and {len(items) - limit} more" if len(items) > limit else ""
    return f"{len(items)} {what}: {', '.join(item or '(none)' for item in items[:limit])}{more}"


def _gaps(report: BoundaryReport) -> str:
    if not report.gaps:
        return ""
    worst = "; ".join(f"{gap.area_m2:,.0f} m2 at {gap.lon}, {gap.lat}" for gap in report.worst_gaps)
    return f"{report.gaps} gaps, {report.gap_area_m2 / KM2:.3f} km2. Largest: {worst}"


def _overlaps(report: BoundaryReport) -> str:
    if not (report.overlaps or report.noise_overlaps):
        return ""
    worst = "; ".join(f"{overlap.area_m2:,.0f} m2 {' and '.join(overlap.codes)}" for overlap in report.worst_overlaps)
    pairs = f"{report.overlaps} overlapping pairs (and {report.noise_overlaps} within rounding)"
    return f"{pairs}, {report.overlap_area_m2 / KM2:.3f} km2. Largest: {worst}"
