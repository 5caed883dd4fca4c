"""The lattice search finds what trying everything finds, and looks at less."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from datapackages.penerima_anonim.dataset import DATASET
from datapackages.plan import HIERARCHIES, planned
from models.vocabulary import PackageKind
from publishing.control.disclosure import Count, Key
from publishing.control.lattice import Hierarchy, Node, generalised, is_finer, nodes, search
from publishing.control.row_classes import differ_enough
from tests.publishing.test_microdata import PERIOD, a_city

MOST = Fraction(1, 20)


def up_to(length: int) -> Callable[[str], str]:
    return lambda code: code[:length]


def column(name: str, *lengths: int) -> Hierarchy:
    return Hierarchy(name, [(str(length), up_to(length)) for length in lengths])


SMALL = [column("region", 3, 2, 1), column("section", 1, 0), column("sex", 1, 0)]
KEYS = list(product(["aaa", "aab", "aba", "bba"], "IG", "LP", map(str, PackageKind)))

cells_of_persons = st.dictionaries(
    st.sampled_from(KEYS),
    st.builds(lambda persons, listed: Count(persons, max(0, persons - listed)), st.integers(0, 30), st.integers(0, 3)),
    max_size=len(KEYS),
)


def by_trying(cells: Mapping[Key, Count]) -> set[Node]:
    """The minimal safe nodes, every node looked at."""
    safe = {node for node in nodes(SMALL) if withheld(cells, node) <= MOST}
    return {node for node in safe if not any(is_finer(other, node) for other in safe)}


def withheld(cells: Mapping[Key, Count], node: Node) -> Fraction:
    classes = generalised(cells, SMALL, node)
    persons = [sum(count.persons for count in values.values()) for values in classes]
    lost = [n for n, values in zip(persons, classes, strict=True) if not differ_enough(values, DATASET.sensitivity)]
    return Fraction(sum(lost), sum(persons) or 1)


@given(cells_of_persons)
def test_pruning_loses_no_minimal_node(cells: dict[Key, Count]) -> None:
    found = search(cells, SMALL, DATASET.sensitivity, MOST)
    assert {node for node, _ in found.minimal} == by_trying(cells)
    assert found.looked_at <= found.nodes == len(nodes(SMALL))
    assert all(loss.withheld == withheld(cells, node) for node, loss in found.minimal)


def test_an_empty_city_needs_no_generalisation() -> None:
    [(node, loss)] = search({}, SMALL, DATASET.sensitivity, MOST).minimal
    assert node == (0, 0, 0)
    assert loss.withheld == loss.classes == loss.discernibility == 0


def test_the_plan_of_a_city_shows_what_each_rule_costs_and_no_small_number() -> None:
    plan = planned({PERIOD: a_city()})
    told = plan.as_dict()
    assert told["published"][PERIOD]["KELURAHAN"] >= 65
    assert told["rules"]
    assert told["looked_at"] < told["nodes"] == len(nodes(HIERARCHIES))
    for rule in told["rules"]:
        assert rule["withheld_percent"] <= 3
        assert rule["average_class"] >= 10
        assert set(rule["steps"]) == {hierarchy.column for hierarchy in HIERARCHIES}
    assert len(plan.lines()) == len(told["rules"]) + 5
