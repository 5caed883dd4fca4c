"""The policy answers who sees what and why, for every field and role."""

from __future__ import annotations

import pytest

from models.privacy import Privacy
from policy.explain import UnknownField, explain, marks, matrix
from policy.uses import uses
from policy.viewer import Role
from resolvers.meaning import Value
from schema.build import role_schema
from schema.nouns import CATALOGUE, FIELDS


def test_the_matrix_has_every_class_and_every_role() -> None:
    rows = {row["class"]: row for row in matrix()}
    assert set(rows) == set(Privacy)
    assert all(set(row) == {"class", *Role} for row in rows.values())
    assert rows["IDENTITY"]["PUBLIK"] == "-"
    assert rows["FINANCE"]["INSPEKTORAT"] == "C, logged"
    assert rows["PLACE"]["KOLABORATOR"] == "C when contact is open, else G"


@pytest.mark.parametrize("role", list(Role))
def test_every_field_is_explained_and_absent_exactly_where_the_schema_lacks_it(role: Role) -> None:
    meanings = role_schema(role).meanings
    for noun in CATALOGUE.nouns.values():
        shown = {m.column.key for m in meanings.get(noun.name, {}).values() if isinstance(m, Value)}
        for attribute in noun.attributes:
            told = explain(role, f"{noun.name}.{attribute.name}", FIELDS)
            assert ("why_absent" in told) == (attribute.column.key not in shown)
            assert ("select" in told["uses"]) == (attribute.column.key in shown)
            assert told["legal_ground"].startswith("UU ")
            assert set(told["uses"]) == uses(attribute.column, role)
            assert told.get("why_absent", "because.").endswith(".")


def test_a_field_is_explained_in_words() -> None:
    assert explain(Role.KOLABORATOR, "Owner.phone", FIELDS) == {
        "field": "Owner.phone",
        "role": "KOLABORATOR",
        "column": "owner.phone",
        "class": "CONTACT: name and telephone of a person",
        "treatment": "clear where: Own collaboration, its number issued and not closed (S0 Lampiran II B3, L6);"
        " elsewhere absent",
        "rows": "Persons of the viewer's own collaborations",
        "uses": ["select", "filter", "order", "cursor"],
        "legal_ground": "UU 27/2022 art. 4 (3) a: general data; art. 16 (2) b: by purpose",
    }


def test_what_can_be_revealed_says_so() -> None:
    told = explain(Role.INSPEKTORAT, "Owner.nik", FIELDS)
    assert told["treatment"] == "masked; clear for a while by revealFields, which is logged"
    assert explain(Role.DINAS, "Owner.nik", FIELDS)["treatment"] == "masked"
    assert any(" M+reveal " in line for line in marks())


@pytest.mark.parametrize(
    ("role", "field", "why"),
    [
        (Role.PUBLIK, "Owner.nik", "PUBLIK sees no rows of owner."),
        (Role.WILAYAH, "Recipient.assets", "WILAYAH does not see class FINANCE."),
        (Role.KOLABORATOR, "Recipient.assets", "business.assets is withheld from KOLABORATOR."),
        (
            Role.DISKOMINFOTIK,
            "Recipient.tradeName",
            "DISKOMINFOTIK sees class BUSINESS generalised, and a value of this type has no such form.",
        ),
    ],
)
def test_an_absent_field_says_why(role: Role, field: str, why: str) -> None:
    assert explain(role, field, FIELDS)["why_absent"] == why


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Recipient.ownerName", "Owner.name"),
        ("Recipient.nik", "Owner.nik"),
        ("owner.nik", "Owner.nik"),
        ("Loan.principle", "Loan.principal"),
    ],
)
def test_an_unknown_field_is_refused_with_suggestions(asked: str, meant: str) -> None:
    with pytest.raises(UnknownField, match=f"There is no field {asked}. Did you mean .*{meant}"):
        explain(Role.PUBLIK, asked, FIELDS)


def test_nonsense_is_told_how_to_ask() -> None:
    with pytest.raises(UnknownField, match=r"such as Owner\.name"):
        explain(Role.PUBLIK, "qqqq", FIELDS)


def test_no_type_has_two_fields_of_one_name() -> None:
    for noun in CATALOGUE.nouns.values():
        names = ["id", *(attribute.name for attribute in noun.attributes)]
        names += [link.name for link in CATALOGUE.ones.get(noun.name, ())]
        names += [link.name for link in CATALOGUE.manies.get(noun.name, ())]
        assert len(names) == len(set(names)), noun.name
