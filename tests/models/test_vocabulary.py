"""Code lists equal the reference list, and every column of every table has its privacy class."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime

from models import vocabulary
from models.all import METADATA
from models.base import RupiahAmount
from models.privacy import INFO, Privacy
from models.vocabulary import Code

REFERENCE: dict[str, Any] = json.loads(Path("tests/data/kode_acuan.json").read_text(encoding="utf-8"))


def test_every_reference_list_stands_in_the_vocabulary_with_its_labels() -> None:
    lists = [v for v in vars(vocabulary).values() if isinstance(v, type) and issubclass(v, Code) and v is not Code]
    ours = [{(c.value, c.label_id, c.label_en) for c in codes} for codes in lists]
    for name, reference in REFERENCE.items():
        wanted = {(r["kode"], r["istilah_id"], r["istilah_en"]) for r in reference["nilai"]}
        assert any(wanted <= codes for codes in ours), name


def test_every_column_says_its_privacy_class() -> None:
    columns = [c for table in METADATA.tables.values() for c in table.columns]
    assert [str(c) for c in columns if not isinstance(c.info.get(INFO), Privacy)] == []


def test_money_is_whole_rupiah_and_instants_have_a_time_zone() -> None:
    columns = [c for table in METADATA.tables.values() for c in table.columns]
    money = {"amount", "principal", "estimated_value", "value", "pledged_value", "assets", "yearly_turnover"}
    text = {"reported_figure.value"}
    assert all(
        isinstance(c.type, RupiahAmount) for c in columns if c.key in money and f"{c.table.name}.{c.key}" not in text
    )
    assert all(c.type.timezone for c in columns if isinstance(c.type, DateTime))
