"""The audit of sums, states and medians in finished rows: what is told by the rule passes, anything else is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings

from datapackages.pinjaman_agregat.dataset import DATASET
from publishing.audit.measures import audit_measures
from publishing.audit.published_rows import Tables, published_tables
from publishing.audit.risk_report import RiskReport
from publishing.control.disclosure import DisclosureRefused, Key
from publishing.control.ledger import Ledger
from publishing.control.measures import Cell
from publishing.control.persons import Row, rows
from tests.publishing.test_measures import KELURAHAN, cells, loans

PERIOD = "202012/3"
NAMES = [field.name for field in DATASET.fields]


def finished(given_cells: Mapping[Key, Cell]) -> list[Row]:
    return rows(DATASET, PERIOD, given_cells, Ledger(b"a secret"))


def tables(given_cells: Mapping[Key, Cell], published: Sequence[Row]) -> Tables:
    counts = {key: cell.count for key, cell in given_cells.items()}
    return published_tables(DATASET, PERIOD, counts, published)


def refusal(given_cells: Mapping[Key, Cell], published: Sequence[Row]) -> dict[str, object]:
    with pytest.raises(DisclosureRefused) as refused:
        audit_measures(DATASET, given_cells, tables(given_cells, published))
    return dict(refused.value.details)


def telling(published: Sequence[Row], **values: str) -> list[Row]:
    """Rows with other values in some columns of the first."""
    first = tuple(values.get(name, text) for name, text in zip(NAMES, published[0], strict=True))
    return [first, *published[1:]]


@settings(deadline=None)
@given(cells)
def test_what_is_told_by_the_rule_passes(given_cells: dict[Key, Cell]) -> None:
    report = RiskReport("contoh", None)
    report.add(DATASET, {PERIOD: given_cells}, finished(given_cells))
    ((period,),) = [dataset["periods"] for dataset in report.as_dict()["datasets"]]
    late = NAMES.index("jumlah_menunggak")
    told = any(row[late] for row in finished(given_cells))
    assert (period["l"], period["adverse_share"]) == ((2, "<= 50 %") if told else (None, None))


def test_a_value_that_is_not_that_of_its_cells_is_refused() -> None:
    given_cells: dict[Key, Cell] = {("FIN-a", KELURAHAN[0]): loans(40, 12, 15)}
    right = finished(given_cells)
    assert audit_measures(DATASET, given_cells, tables(given_cells, right))
    for column, value in (("jumlah_menunggak", "15"), ("nilai_disalurkan_rp", "405000000"), ("tkb90", "1.00")):
        assert refusal(given_cells, telling(right, **{column: value}))["wrong"] == 1


def test_a_state_of_few_is_refused_wherever_it_is_told() -> None:
    given_cells: dict[Key, Cell] = {("FIN-a", KELURAHAN[0]): loans(40, 3, 15)}
    assert refusal(given_cells, telling(finished(given_cells), jumlah_menunggak="5"))["unsafe"] == 1


def test_a_state_of_more_than_half_is_refused() -> None:
    given_cells: dict[Key, Cell] = {("FIN-a", KELURAHAN[0]): loans(40, 25, 15)}
    assert refusal(given_cells, telling(finished(given_cells), jumlah_menunggak="25"))["unsafe"] == 1


def test_a_sum_that_tells_the_rest_of_a_wider_one_is_refused() -> None:
    """Told of one kelurahan and of the kota, the sum of the other kelurahan is told: few there have repaid anything."""
    given_cells: dict[Key, Cell] = {
        ("FIN-a", KELURAHAN[0]): loans(40, 12, 15),
        ("FIN-a", KELURAHAN[1]): loans(20, 0, 2),
    }
    right = finished(given_cells)
    detail = {row[NAMES.index("kode_wilayah")]: row for row in right if row[0] == "RINCIAN"}
    one = detail[KELURAHAN[0]]
    assert not one[NAMES.index("sisa_pinjaman_rp")]
    kota = next(row for row in right if row[0] == "KOTA")
    assert kota[NAMES.index("sisa_pinjaman_rp")]
    alone = finished({("FIN-a", KELURAHAN[0]): given_cells["FIN-a", KELURAHAN[0]]})[0]
    more = {name: alone[NAMES.index(name)] for name in ("sisa_pinjaman_rp", "nilai_dibayar_rp")}
    wrong = [row for row in right if row != one]
    assert refusal(given_cells, [*telling([one], **more), *wrong])["unsafe"]
