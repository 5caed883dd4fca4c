"""What the columns of open data say of themselves to statisticians (BPS MS-Var), to HXL and to IATI."""

from __future__ import annotations

import re

import pytest

from datapackages.package import datasets
from publishing.dataset import Dataset
from publishing.iati import Transaction
from publishing.metadata import hxl, variable

EVERY = pytest.mark.parametrize("dataset", datasets(), ids=lambda dataset: dataset.name)
TAG = re.compile(r"^#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*$")


@EVERY
def test_every_column_has_all_attributes_of_ms_var(dataset: Dataset) -> None:
    for field in dataset.fields:
        said = variable(dataset, field)
        assert all((field.concept, field.definition.id, said["alias"], said["referensi_waktu"])), field.name
        assert said["akses_publik"] is True
        assert ("klasifikasi_isian" in said) is bool(field.allowed)


@EVERY
def test_what_the_gate_checks_stands_in_words_in_both_languages(dataset: Dataset) -> None:
    for field in dataset.fields:
        said = variable(dataset, field)
        for words in (said["aturan_validasi"], said["aturan_validasi_en"]):
            assert not field.pattern or field.pattern in words
            assert field.refers_to is None or f"{field.refers_to.dataset}.{field.refers_to.field}" in words
        assert said["aturan_validasi"].startswith("wajib diisi" if field.required else "boleh kosong")
        assert ("unik" in said["aturan_validasi"]) is (field in dataset.keys)


@EVERY
def test_codes_of_official_lists_carry_their_names(dataset: Dataset) -> None:
    package = [field for field in dataset.fields if field.name == "jenis_paket"]
    for field in package:
        first = variable(dataset, field)["klasifikasi_isian"][0]
        assert first["kode"] == "SARPRAS"
        assert all((first["nama"], first["nama_en"]))


@EVERY
def test_hxl_tags_are_written_as_hxl_wants_them(dataset: Dataset) -> None:
    tags = {field.name: hxl(dataset, field) for field in dataset.fields}
    assert all(TAG.match(tag) for tag in tags.values() if tag), tags
    assert all(tags[field.name].startswith("#value+idr") for field in dataset.fields if field.unit == "IDR")


@EVERY
def test_money_of_bodies_says_which_kind_of_transaction_it_is(dataset: Dataset) -> None:
    for field in dataset.fields:
        assert field.iati is None or field.unit == "IDR", field.name
    assert Transaction.DISBURSEMENT.label == "Disbursement"
    assert Transaction("12").label == "Outgoing Pledge"


def test_a_count_of_persons_is_tagged_as_beneficiaries() -> None:
    counted = next(dataset for dataset in datasets() if dataset.name == "penerima_agregat")
    assert hxl(counted, counted.fields[-1]) == "#beneficiary"
