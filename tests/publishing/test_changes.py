"""What changed between two releases: every row that differs and no other, and nobody named again who took that back."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import publishing.changes.rows
from publishing.changes.page import changes_page, changes_summary
from publishing.changes.release_changes import Changes, write_changes
from publishing.changes.rows import row_changes
from publishing.dataset import Dataset
from publishing.finish import CHANGES, CHANGES_PAGE, CHANGES_SUMMARY
from publishing.release.released import Released, ReleaseWasChanged
from tests.folders import a_folder
from tests.publishing.releasing import (
    AID,
    REGIONS,
    TABLES,
    Row,
    a_dataset,
    a_field,
    a_release,
    unpacked,
)

LATER_AID: list[Row] = [
    ("A-1", "31.74.01", "6000000", "2020-07-31", "Perorangan"),
    ("A-3", "", "1", "", "PT Baru <i>"),
]


def told(release: Released) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((release.folder / CHANGES).read_text(encoding="utf-8"))
    return content


def about(release: Released, name: str) -> dict[str, Any]:
    return next(one for one in told(release)["datasets"] if one["name"] == name)


def two(root: Path, *datasets: Dataset, **tables: list[Row]) -> Released:
    """The release after one of `TABLES`."""
    first = a_release(root)
    return a_release(root, {**TABLES, **tables}, first, datasets=datasets or (REGIONS, AID))


def test_the_first_release_tells_of_its_datasets_only(tmp_path: Path) -> None:
    release = a_release(tmp_path)
    assert told(release)["old"] is None
    assert about(release, "bantuan")["state"] == "added"
    assert about(release, "bantuan")["rows"] == []
    assert "rilis pertama / first release" in (release.folder / CHANGES_SUMMARY).read_text(encoding="utf-8")


def test_rows_that_were_added_removed_or_changed_are_told(tmp_path: Path) -> None:
    release = two(tmp_path, bantuan=LATER_AID)
    assert about(release, "wilayah")["state"] == "same"
    changed = about(release, "bantuan")
    assert changed["counts"] == {"added": 1, "removed": 1, "changed": 1}
    assert changed["rows"] == [
        {
            "change": "changed",
            "key": {"kode": "A-1"},
            "old": {"nilai": "5000000"},
            "new": {"nilai": "6000000", "donatur": "Perorangan"},
            "old_withheld": ["donatur"],
        },
        {
            "change": "removed",
            "key": {"kode": "A-2"},
            "old": {"kode_wilayah": "", "nilai": "750000", "hari": ""},
            "old_withheld": ["donatur"],
        },
        {
            "change": "added",
            "key": {"kode": "A-3"},
            "new": {"kode_wilayah": "", "nilai": "1", "hari": "", "donatur": "PT Baru <i>"},
        },
    ]


def test_a_name_that_was_taken_back_is_nowhere_in_the_next_release(tmp_path: Path) -> None:
    release = two(tmp_path, bantuan=LATER_AID)
    for path, content in unpacked(release.folder):
        assert b"PT Contoh" not in content, path


def test_changes_of_shape_are_told(tmp_path: Path) -> None:
    other = a_dataset(
        "bantuan",
        AID.keys,
        [
            a_field("kode_wilayah", required=False),
            a_field("nilai", "number"),
            a_field("donatur", allowed=("x", "y")),
            a_field("baru", required=False),
        ],
    )
    release = two(tmp_path, REGIONS, other, bantuan=[("A-1", "31.74.01", "5000000", "x", "n")])
    shape = [(one["column"], one["what"]) for one in about(release, "bantuan")["shape"]]
    assert shape == [
        ("hari", "column_removed"),
        ("nilai", "type"),
        ("nilai", "satuan"),
        ("donatur", "required"),
        ("donatur", "codes"),
        ("baru", "column_added"),
    ]
    assert about(release, "bantuan")["rows"][0]["new"] == {"donatur": "x"}


def test_datasets_that_came_and_went_are_told(tmp_path: Path) -> None:
    plain = a_dataset("daftar", [a_field("kode")], [])
    release = two(tmp_path, REGIONS, plain, daftar=[("1",)])
    assert {one["name"]: one["state"] for one in told(release)["datasets"]} == {
        "bantuan": "removed",
        "daftar": "added",
        "wilayah": "same",
    }


def test_rows_under_another_key_are_not_compared(tmp_path: Path) -> None:
    rekeyed = a_dataset("wilayah", [a_field("nama")], [a_field("kode_wilayah"), *REGIONS.measures[1:]])
    release = two(tmp_path, rekeyed, wilayah=[("Tebet", "31.74.01", "106.85", "-6.23")])
    changed = about(release, "wilayah")
    assert changed["rows"] == []
    assert "key changed" in changed["not_compared_en"]


def test_microdata_are_not_compared_row_by_row(tmp_path: Path) -> None:
    first = a_release(tmp_path)
    rule: dict[str, Any] = {"microdata": {"k": 10}}
    release = a_release(tmp_path, {**TABLES, "bantuan": LATER_AID}, first, also={"bantuan": rule})
    assert about(release, "bantuan")["rows"] == []
    assert "no key" in about(release, "bantuan")["not_compared_en"]


def test_a_file_that_was_changed_is_not_compared_with(tmp_path: Path) -> None:
    first = a_release(tmp_path)
    (first.folder / "data" / "bantuan.csv").write_text("kode\n")
    with pytest.raises(ReleaseWasChanged, match="bantuan"):
        a_release(tmp_path, {**TABLES, "bantuan": LATER_AID}, first)


def test_two_releases_of_the_same_rows_differ_in_nothing(tmp_path: Path) -> None:
    assert {one["state"] for one in told(two(tmp_path))["datasets"]} == {"same"}


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def having(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_is_for_people_in_both_languages(tmp_path: Path) -> None:
    text = (two(tmp_path, bantuan=LATER_AID).folder / CHANGES_PAGE).read_text(encoding="utf-8")
    page = Page(text)
    assert page.having("html") == [{"lang": "id"}]
    assert {"lang": "en"} in page.having("span")
    assert len(page.having("caption")) == len(page.having("table")) == 1
    assert all("scope" in head for head in page.having("th"))
    assert [head["id"] for head in page.having("h2")] == ["bantuan", "wilayah"]
    assert not page.having("script")
    assert not page.having("i")
    assert "PT Baru &lt;i&gt;" in text
    assert "5000000" in text
    assert "tidak diulang" in text


def test_the_page_shows_the_first_changes_and_says_how_many_more(tmp_path: Path) -> None:
    many: list[Row] = [(f"A-{number:04}", "", "1", "", "x") for number in range(250)]
    release = two(tmp_path, bantuan=many)
    text = (release.folder / CHANGES_PAGE).read_text(encoding="utf-8")
    assert len(Page(text).having("tr")) == 101
    assert "152 more in" in text
    assert len(about(release, "bantuan")["rows"]) == 252
    assert "250 ditambah / added; 2 dihapus / removed" in (release.folder / CHANGES_SUMMARY).read_text(encoding="utf-8")


def test_the_lines_tell_a_person_what_changed(tmp_path: Path) -> None:
    second = two(tmp_path, bantuan=LATER_AID)
    changes: Changes = write_changes(a_release(tmp_path / "other"), second, io.StringIO())
    assert changes.lines()[1] == "bantuan: changed; 1 rows added; 1 rows removed; 1 rows changed"
    assert changes_page(changes)
    assert changes_summary(changes)


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=3)
ROWS = st.dictionaries(KEYS, st.text("ab\n,\"'", max_size=3), max_size=12)


@given(old=ROWS, new=ROWS, shuffled=st.randoms(use_true_random=False))
def test_the_changes_lead_from_the_old_rows_to_the_new(old: dict[str, str], new: dict[str, str], shuffled: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing.changes.rows, "_IN_MEMORY", 3)
        found = differences(old, new, shuffled)
    applied = dict(old)
    for change in found:
        key = change.key["k"]
        assert change.old == ({} if change.change == "added" else {"v": old[key]})
        if change.change == "removed":
            del applied[key]
        else:
            applied[key] = change.new["v"]
    assert applied == new
    assert len(found) == len({key for key in {*old, *new} if old.get(key) != new.get(key)})
    assert [change.key["k"] for change in found] == sorted(change.key["k"] for change in found)


def differences(old: dict[str, str], new: dict[str, str], shuffled: Any) -> list[publishing.changes.rows.RowChange]:
    with a_folder() as folder:
        files = []
        for name, rows in (("old", old), ("new", new)):
            lines = list(rows.items())
            shuffled.shuffle(lines)
            file = folder / f"{name}.csv"
            with file.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out, lineterminator="\n").writerows([("k", "v"), *lines])
            files.append(file)
        return list(row_changes(files[0], files[1], ["k"], frozenset(), folder / "work"))
