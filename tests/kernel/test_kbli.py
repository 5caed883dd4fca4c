"""KBLI codes keep their leading zero and their version."""

import csv
import os
from pathlib import Path

import pytest

from kernel.kbli import Kbli, KbliVersion, UnusableKbli, read_kbli

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


def test_a_code_keeps_its_leading_zero() -> None:
    assert read_kbli("01111", "2020") == Kbli(KbliVersion.V2020, "01111")


@pytest.mark.parametrize(
    ("code", "version", "says"),
    [
        ("1111", "2020", "leading zero"),
        ("561020", "2020", "5 digits"),
        ("5610A", "2020", "5 digits"),
        ("56102", "2009", "one of 2017, 2020, 2025"),
        ("00123", "2020", "division"),
        ("45101", "2025", "division"),
        ("04111", "2017", "division"),
    ],
)
def test_what_cannot_be_a_code_is_refused(code: str, version: str, says: str) -> None:
    with pytest.raises(UnusableKbli, match=says):
        read_kbli(code, version)


def test_the_section_depends_on_the_version() -> None:
    assert read_kbli("62010", "2020").section == "J"
    assert read_kbli("62010", "2025").section == "K"


def test_sections_agree_with_the_whole_list_of_2020() -> None:
    path = SHARED / "kbli_2020.csv"
    if not path.exists():
        pytest.skip("the KBLI 2020 list is third-party data outside the repository; set SHARED_DATA")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1790
    assert [row["kode"] for row in rows if read_kbli(row["kode"], "2020").section != row["kategori"]] == []
