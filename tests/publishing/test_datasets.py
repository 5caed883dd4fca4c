"""Declarations: what may not be published cannot be declared, and what is declared is what stands in the descriptor."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import InstrumentedAttribute

import datapackages
from datapackages.package import datasets
from models.business import Business, Need
from models.delivery import Delivery, DeliveryRecipient, Validation
from models.loan import Loan
from models.owner import Owner
from models.place import Place
from models.release import ReportedFigure
from policy.public_columns import NotForThePublic, countable_column, public_column
from policy.published_persons import counting_views
from policy.publisher import publisher_views
from publishing.control.counts import PersonCounts
from publishing.control.microdata import Microdata
from publishing.dataset import Dataset
from publishing.package import DESCRIPTOR, json_text, resource

PERSONAL = [
    Owner.name,
    Owner.nik,
    Owner.born_on,
    Owner.nik_hash,
    Business.yearly_turnover,
    Business.point,
    Loan.principal,
    Loan.status,
    DeliveryRecipient.owner_id,
]


@pytest.mark.parametrize("dataset", datasets(), ids=lambda dataset: dataset.name)
def test_a_dataset_is_what_its_descriptor_says(dataset: Dataset, request: pytest.FixtureRequest) -> None:
    golden = Path(datapackages.__path__[0]) / dataset.name / DESCRIPTOR
    if request.config.getoption("--renew", default=False):
        golden.write_text(json_text(resource(dataset)), encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == json_text(resource(dataset))


OF_RECIPIENTS = [
    DeliveryRecipient.region_code,
    DeliveryRecipient.quantity,
    Delivery.status_reason,
    Delivery.reported_by,
    Validation.received_quantity,
    Need.note,
    Place.pic_name,
    ReportedFigure.position,
]


@pytest.mark.parametrize(
    "column", [*PERSONAL, *OF_RECIPIENTS, Business.trade_name, Business.kbli_section, Need.business_id], ids=str
)
def test_a_column_that_the_public_may_not_read_cannot_be_kept(column: InstrumentedAttribute[object]) -> None:
    with pytest.raises(NotForThePublic, match=column.key):
        public_column(column)


@pytest.mark.parametrize("column", PERSONAL, ids=str)
def test_persons_are_not_counted_by_a_personal_column(column: InstrumentedAttribute[object]) -> None:
    with pytest.raises(NotForThePublic, match=column.key):
        countable_column(column)


@pytest.mark.parametrize("dataset", datasets(), ids=lambda dataset: dataset.name)
def test_every_column_stands_in_the_publishers_view(dataset: Dataset) -> None:
    view = {column.key for column in publisher_views()[dataset.view].selected_columns}
    assert {field.source for field in dataset.fields if field.source} <= view


@pytest.mark.parametrize("dataset", datasets(), ids=lambda dataset: dataset.name)
def test_every_reference_leads_to_a_key_of_the_package(dataset: Dataset) -> None:
    keys = {(other.name, key.name) for other in datasets() for key in other.keys}
    references = [field.refers_to for field in dataset.fields if field.refers_to]
    assert {(reference.dataset, reference.field) for reference in references} <= keys


@pytest.mark.parametrize("dataset", [d for d in datasets() if d.chart], ids=lambda dataset: dataset.name)
def test_a_chart_is_of_columns_of_its_dataset_and_never_adds_a_total_to_its_parts(dataset: Dataset) -> None:
    assert dataset.chart
    columns = {field.name: field for field in dataset.fields}
    assert columns[dataset.chart.y].type == "integer"
    assert {dataset.chart.x, dataset.chart.group or dataset.chart.x, *dataset.chart.only} <= set(columns)
    assert all(value in columns[name].allowed for name, value in dataset.chart.only.items())
    assert not isinstance(dataset, PersonCounts) or "tabel" in dataset.chart.only


def test_persons_appear_only_in_datasets_under_disclosure_control() -> None:
    counted = {d.view for d in datasets() if isinstance(d, PersonCounts | Microdata)}
    assert counted == set(counting_views())
    assert all("persons" not in {field.source for field in d.fields} for d in datasets() if d.view not in counted)


@pytest.mark.parametrize("dataset", [d for d in datasets() if isinstance(d, PersonCounts)], ids=lambda d: d.name)
def test_every_measure_stands_in_the_publishers_view(dataset: PersonCounts) -> None:
    view = {column.key for column in publisher_views()[dataset.view].selected_columns}
    assert {"period", "ends_on", "persons", "unlisted"} <= view
    assert {name for measure in dataset.more for name in measure.columns} <= view
