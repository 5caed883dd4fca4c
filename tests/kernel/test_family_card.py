"""A family card number has a place, a day of issue and a serial."""

import pytest

from kernel.family_card import UnusableFamilyCard, read_family_card
from kernel.population_number import Fault

JAKARTA = frozenset({"31", "31.71", "31.71.01"})


def test_a_good_number_keeps_its_sixteen_digits() -> None:
    assert read_family_card("3171 0101 0215 9901", JAKARTA) == "3171010102159901"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.KOSONG),
        ("317101010215990", Fault.PANJANG),
        ("3171014102159901", Fault.TANGGAL),  # no 40 is added on a family card
        ("3171010102150000", Fault.URUT),
        ("3172010102159901", Fault.KABKOTA),
    ],
)
def test_a_bad_number_is_refused_without_being_repeated(text: str, fault: Fault) -> None:
    with pytest.raises(UnusableFamilyCard) as refused:
        read_family_card(text, JAKARTA)
    assert refused.value.fault is fault
    assert not text or text not in refused.value.message
