"""The risk report: it says how the tables hold, and tells nothing of a small number of persons that they do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapackages.penerima_agregat.dataset import DATASET
from policy.small_counts import THRESHOLD
from publishing.audit.risk import at_least, covered_percent, hidden_band
from publishing.audit.risk_page import page
from publishing.audit.risk_report import REPORT, RiskReport
from publishing.control.disclosure import Count, DisclosureRefused, Key
from publishing.control.ledger import Ledger
from publishing.control.measures import Cell
from publishing.control.persons import Row, rows
from publishing.pipeline import ReleaseReport
from publishing.release.released import Released, latest
from tests.publishing.city import SEALED_SPRING, Publisher
from tests.publishing.rows import TEBET
from tests.publishing.test_disclosure import a_count, a_key, counts_of_persons

AUTUMN, SPRING = "202012", "202106"
BANDS = {"hidden_unlisted", "covered_percent", "k", "smallest_figure", "narrowest", "median"}
OF_THE_TABLES = {"figures", "rank", "classes", "derivable_small_numbers", "percent_of_detail", "levels"}


def cells(counts: dict[Key, Count]) -> dict[Key, Cell]:
    return {key: Cell(count) for key, count in counts.items()}


def finished(counts: dict[Key, Count], period: str = AUTUMN) -> list[Row]:
    return rows(DATASET, period, cells(counts), Ledger(b"a secret"))


def reported(counts: dict[Key, Count]) -> dict[str, Any]:
    report = RiskReport("contoh", None)
    report.add(DATASET, {AUTUMN: cells(counts)}, finished(counts))
    return report.as_dict()


def of(release: ReleaseReport) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((release.folder / REPORT).read_text(encoding="utf-8"))
    return content


def periods(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is said of recipients, by period."""
    (recipients,) = (one for one in report["datasets"] if one["name"] == DATASET.name)
    return {risk["period"]: risk for risk in recipients["periods"]}


async def test_a_release_says_how_its_tables_hold(publisher: Publisher, root: Path) -> None:
    report = of(await publisher.publish(root))
    assert report["releases_compared"] == []
    assert report["parameters"]["threshold_persons"] == THRESHOLD
    assert periods(report).keys() == {"202006", "202012"}
    assert periods(report)["202012"] == {
        "period": "202012",
        "assessed": True,
        "hidden_unlisted": "0-99",
        "covered_percent": ">= 41",
        "k": ">= 10",
        "l": None,
        "adverse_share": None,
        "figures": 7,
        "rank": 4,
        "classes": 4,
        "derivable_small_numbers": 0,
        "hidden_interval": {"narrowest": ">= 10", "median": ">= 10"},
        "tables": [
            {
                "table": "RINCIAN",
                "figures": 4,
                "smallest_figure": ">= 10",
                "percent_of_detail": 100,
                "levels": {"KECAMATAN": 1, "KELURAHAN": 2, "KOTA": 1},
            },
            {
                "table": "KOTA",
                "figures": 2,
                "smallest_figure": ">= 10",
                "percent_of_detail": 100,
                "levels": {"KOTA": 2},
            },
            {
                "table": "PROVINSI",
                "figures": 1,
                "smallest_figure": ">= 50",
                "percent_of_detail": 100,
                "levels": {"PROVINSI": 1},
            },
        ],
    }


async def test_what_was_said_of_a_sealed_period_is_carried_over(publisher: Publisher, root: Path) -> None:
    first = of(await publisher.publish(root))
    async with publisher.city() as city:
        collaboration = await city.collaboration("KSBB-UMK-2021-DDDDDD", "PT Contoh Lambat")
        await city.recipients(collaboration, 9, TEBET)
    second = of(await publisher.publish(root, SEALED_SPRING))
    assert second["releases_compared"] == ["1.0.1"]
    assert periods(second)["202012"] == periods(first)["202012"]
    assert periods(second)["202106"]["assessed"]


async def test_a_period_from_before_there_were_reports_is_not_counted_again(publisher: Publisher, root: Path) -> None:
    release = await publisher.publish(root)
    (release.folder / REPORT).unlink()
    before = latest(root, "ksbb-umkm")
    assert before is not None
    report = RiskReport("ksbb-umkm", before)
    report.add(DATASET, {}, before.rows(DATASET))
    assert periods(report.as_dict()) == {"202012": {"period": "202012", "assessed": False}}
    assert "tidak dihitung ulang" in page(report.as_dict())


async def test_a_row_that_changed_since_the_release_before_is_refused(publisher: Publisher, root: Path) -> None:
    await publisher.publish(root)
    before = latest(root, "ksbb-umkm")
    assert before is not None
    published = before.rows(DATASET)
    RiskReport("ksbb-umkm", before).add(DATASET, {}, published)
    for other in (published[1:], [*published, published[0]], [(*published[0][:-1], "35"), *published[1:]]):
        with pytest.raises(DisclosureRefused, match="sealed"):
            RiskReport("ksbb-umkm", before).add(DATASET, {}, other)


def changed(row: Row, at: int, value: str) -> Row:
    return (*row[:at], value, *row[at + 1 :])


def test_rows_that_are_not_the_tables_are_refused() -> None:
    counts = {a_key(): a_count(30), a_key(section="C"): a_count(20)}
    right = finished(counts)
    wrong = {
        "nothing of the menu": [*right, changed(right[0], 2, "31.75")],
        "not their persons": [changed(right[0], len(right[0]) - 1, "25"), *right[1:]],
    }
    for complaint, published in wrong.items():
        with pytest.raises(DisclosureRefused, match=complaint):
            RiskReport("contoh", None).add(DATASET, {AUTUMN: cells(counts)}, published)


def test_a_period_without_anybody_has_a_report() -> None:
    risk = periods(reported({a_key(): a_count(9)}))["202012"]
    assert (risk["hidden_unlisted"], risk["covered_percent"], risk["k"], risk["figures"]) == ("0-99", ">= 0", None, 0)


def leaves(report: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a report under the name nearest to it."""
    if isinstance(report, dict):
        for key, value in report.items():
            yield from leaves(value, name if name == "levels" else key)
    elif isinstance(report, list):
        for value in report:
            yield from leaves(value, name)
    else:
        yield name, report


@given(counts_of_persons)
def test_every_number_is_a_band_or_counts_rows_of_the_tables(counts: dict[Key, Count]) -> None:
    for name, value in leaves(reported(counts)["datasets"]):
        if isinstance(value, int) and not isinstance(value, bool):
            assert name in OF_THE_TABLES
        elif name in BANDS and value is not None:
            assert value.startswith(">= ") or "-" in value


few = st.integers(1, THRESHOLD - 1)


@settings(deadline=None)
@given(counts_of_persons, few, st.sampled_from(["C", "I"]))
def test_a_programme_with_a_few_persons_changes_nothing(counts: dict[Key, Count], persons: int, section: str) -> None:
    """The attacker who knows all others cannot tell whether anybody is in a programme that is too small to show."""
    twin = {**counts, a_key(programme="PENDIDIKAN", section=section): a_count(persons)}
    assert reported(twin) == reported(counts)


@settings(deadline=None)
@given(counts_of_persons, st.lists(st.tuples(st.integers(0, 39), st.integers(-2, 2)), min_size=1, max_size=4))
def test_cities_with_the_same_tables_have_the_same_report(
    counts: dict[Key, Count], changes: list[tuple[int, int]]
) -> None:
    """What rounding hides, and who is in which cell of a group, stays hidden from who reads both."""
    twin = dict(counts)
    for at, change in changes:
        if at < len(counts):
            key = sorted(counts)[at]
            before = twin[key]
            if before.unlisted + change > 0:
                twin[key] = before + Count(change, change)
    if finished(twin) == finished(counts):
        assert reported(twin) == reported(counts)


@given(st.integers(0, 30_000), st.integers(0, 400))
def test_band_and_share_together_leave_a_hidden_number_open(shown: int, hidden: int) -> None:
    """Every number of hidden persons that gives the same words is possible: no few, and never whether there are any."""
    words = hidden_band(hidden), covered_percent(shown, hidden)
    possible = [other for other in range(1000) if (hidden_band(other), covered_percent(shown, other)) == words]
    assert len(possible) >= 100
    assert possible[0] == 0 or possible[0] >= THRESHOLD


@pytest.mark.parametrize(
    ("number", "words"), [(10, ">= 10"), (15, ">= 10"), (20, ">= 20"), (99, ">= 50"), (20_000, ">= 20000")]
)
def test_a_lower_bound_is_a_round_number(number: int, words: str) -> None:
    assert at_least(number) == words


class Outline(HTMLParser):
    """The tags of a page, and whether they close in order."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        assert self.open.pop() == tag


def outline(text: str) -> Outline:
    parsed = Outline()
    parsed.feed(text)
    assert parsed.open == []
    return parsed


def test_the_page_is_for_people_in_both_languages_and_without_script() -> None:
    text = page(reported({a_key(): a_count(30), a_key(section="C"): a_count(4)}))
    tags = outline(text).tags
    names = {tag for tag, _ in tags}
    assert ("html", {"lang": "id"}) in tags
    assert ("span", {"lang": "en"}) in tags
    assert names.isdisjoint({"script", "img", "link", "iframe", "form"})
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in tags if tag == "th")
    tables = [tag for tag, _ in tags if tag in {"table", "caption"}]
    assert tables == ["table", "caption"] * (len(tables) // 2)
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)


def test_the_page_says_what_the_report_says_and_escapes_it() -> None:
    report = reported({a_key(): a_count(30)})
    text = page({**report, "releases_compared": ["<1.0.1>"]})
    assert "&lt;1.0.1&gt;" in text
    assert "<1.0.1>" not in text
    for name, value in leaves(report["datasets"][0]["periods"]):
        if name in BANDS and value:
            assert str(value).replace(">", "&gt;") in text


def test_the_same_release_has_the_same_report() -> None:
    counts = {a_key(): a_count(30), a_key(section="C"): a_count(40)}
    assert page(reported(counts)) == page(reported(dict(reversed(counts.items()))))


def test_a_dataset_that_is_new_in_a_release_has_nothing_to_compare(tmp_path: Path) -> None:
    before = Released(tmp_path, {"name": "contoh", "version": "1.0.1", "resources": []})
    report = RiskReport("contoh", before)
    counts = {a_key(): a_count(30)}
    report.add(replace(DATASET, name="baru"), {SPRING: cells(counts)}, finished(counts, SPRING))
    assert report.as_dict()["releases_compared"] == ["1.0.1"]
