"""The GraphQL schema of a role: exactly the nouns, fields, inputs and enum values that the role's views hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import strawberry
from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Integer, LargeBinary, Numeric
from strawberry.schema.config import StrawberryConfig

from models.base import Point, RupiahAmount
from models.privacy import Privacy, privacy_of
from models.vocabulary import CollectabilityRule, InstalmentStatus, PackageKind
from policy.reveal import may_reveal
from policy.rows import may_count
from policy.treatment import CLEAR, Kind
from policy.uses import Use, uses
from policy.viewer import Role
from policy.visibility import treatment
from policy.wall import may_look_up
from resolvers.catalogue import Attribute, Many, Noun, One
from resolvers.meaning import (
    ById,
    ByNik,
    Dimension,
    Form,
    Groups,
    Layer,
    Meaning,
    Measures,
    Page,
    Part,
    RoleSchema,
    ToOne,
    Value,
)
from resolvers.views import Views
from schema import groups, inputs, published, reveal
from schema.mutation import Mutations
from schema.nouns import CATALOGUE
from schema.scalars import SCALARS
from schema.subscription import Subscriptions
from schema.types import Argument, Spelled, Types

_ROLES_KEPT = 32

_PAGE_ARGUMENTS = (
    Argument("first", "Int | None", "Rows from the start; 20 if left out."),
    Argument("after", "String | None", "Cursor after which to go on."),
    Argument("last", "Int | None", "Rows from the end."),
    Argument("before", "String | None", "Cursor before which to stop."),
)
_PAGE_INFO = [
    Spelled("hasNextPage", "Boolean", "Whether rows follow."),
    Spelled("hasPreviousPage", "Boolean", "Whether rows come before."),
    Spelled("startCursor", "String | None", "Cursor of the first row."),
    Spelled("endCursor", "String | None", "Cursor of the last row."),
]
_NOTES = {Kind.MASKED: "Masked for this role.", Kind.GENERALISED: "Generalised for this role."}


@lru_cache(_ROLES_KEPT)
def role_schema(role: Role) -> RoleSchema:
    """The schema of a role, built on first use."""
    return _Builder(role).build()


def sdl(role: Role) -> str:
    """The schema of a role in the schema definition language, as in `schema/schema.<role>.graphql`."""
    return _Builder(role).strawberry_schema().as_str() + "\n"


class _Builder:
    """Builds one role's schema: types and, beside each field, its meaning."""

    def __init__(self, role: Role) -> None:
        self._role = role
        self._views = Views(role)
        self._types = Types()
        self._meanings: dict[str, dict[str, Meaning]] = {}
        self._dimensions: dict[str, dict[str, Dimension]] = {}
        self._nouns = {n.name: n for n in CATALOGUE.nouns.values() if n.table.name in self._views}

    def build(self) -> RoleSchema:
        schema = self.strawberry_schema()
        return RoleSchema(self._role, CATALOGUE, schema._schema, self._meanings, self._dimensions)

    def strawberry_schema(self) -> strawberry.Schema:
        """The schema as Strawberry has it."""
        self._shared()
        for noun in self._nouns.values():
            self._noun(noun)
        self._object("Query", f"What {self._role} may ask.", dict(self._query()))
        mutations = Mutations(self._role, self._types, self._nouns, self._object, self._enum)
        has_mutations = mutations.define()
        has_subscriptions = Subscriptions(self._role, self._types, self._nouns, self._object).define()
        named = [self._types[noun.name] for noun in self._nouns.values()]
        return strawberry.Schema(
            query=self._types["Query"],
            mutation=self._types["Mutation"] if has_mutations else None,
            subscription=self._types["Subscription"] if has_subscriptions else None,
            types=named,
            config=StrawberryConfig(auto_camel_case=False, scalar_map=SCALARS),
        )

    # ---- shared types

    def _shared(self) -> None:
        self._types.interface("Node", "Anything with a public identifier.", [Spelled("id", "ID", "Public identifier.")])
        self._object("PageInfo", "Where a page stands in its list.", {f: Part(f.name) for f in _PAGE_INFO})
        self._enum(CollectabilityRule)
        self._enum(InstalmentStatus)
        for noun in self._nouns.values():
            for a in noun.attributes:
                if isinstance(a.column.type, Enum) and uses(a.column, self._role):
                    self._enum(a.column.type.enum_class)
        inputs.define_shared(self._types)
        groups.define_shared(self._types)
        published.define_inputs(self._types)
        for name, about, fields in published.objects():
            self._object(name, about, fields)
        for name in ("Rupiah", "Int", "Float", "Date", "DateTime"):
            self._meanings[f"{name}Aggregates"] = {a: Part(a) for a in ("sum", "avg", "min", "max")}

    def _enum(self, codes: Any) -> None:
        if codes.__name__ not in self._types:
            self._types.enum(
                codes.__name__, _about_codes(codes), {c.name: f"{c.label_en} ({c.label_id})." for c in codes}
            )

    def _object(self, name: str, about: str, fields: dict[Spelled, Meaning], *, node: bool = False) -> None:
        self._types.object(name, about, fields, node=node)
        self._meanings[name] = {field.name: meaning for field, meaning in fields.items()}

    # ---- nouns

    def _noun(self, noun: Noun) -> None:
        fields: dict[Spelled, Meaning] = {
            Spelled("id", "ID", "Public identifier, the same in every answer."): Value(noun.table.c.public_id)
        }
        for a in noun.attributes:
            if Use.SELECT in uses(a.column, self._role):
                fields[self._attribute(a)] = Value(a.column, self._form(a.column))
        for link in self._ones(noun):
            fields[Spelled(link.name, f"{link.target} | None", link.about)] = ToOne(link, self._nouns[link.target])
        for many in self._manies(noun):
            target = self._nouns[many.target]
            arguments = self._list_arguments(target)
            fields[Spelled(many.name, f"{target.name}Connection", many.about, arguments)] = Page(target, many)
        if noun.measures and self._has_measures():
            of = groups.MEASURES[noun.measures]
            fields[Spelled("measures", f"{noun.measures} | None", of.about, of.arguments)] = Measures()
            self._object(noun.measures, of.about, {f: Part(f.name) for f in of.fields})
        self._object(noun.name, noun.about, fields, node=True)
        self._lists(noun)
        if may_count(noun.table.name, self._role):
            self._groups(noun)

    def _has_measures(self) -> bool:
        """Measures need clear amounts and dates of repayments and instalments."""
        return "repayment" in self._views and "instalment" in self._views

    def _ones(self, noun: Noun) -> list[One]:
        """Links whose key the role has, to nouns that it sees."""
        return [
            link
            for link in CATALOGUE.ones.get(noun.name, ())
            if link.target in self._nouns and link.column.key in self._views[noun.table.name].c
        ]

    def _manies(self, noun: Noun) -> list[Many]:
        return [
            link
            for link in CATALOGUE.manies.get(noun.name, ())
            if link.target in self._nouns
            and link.column.key in self._views[self._nouns[link.target].table.name].c
            and noun.key.key in self._views[noun.table.name].c
            and not (link.column.key == "region_code" and treatment(link.column, self._role) != CLEAR)
        ]

    def _attribute(self, a: Attribute) -> Spelled:
        how = treatment(a.column, self._role)
        always = privacy_of(a.column) is Privacy.PUBLIC and not a.column.nullable and how == CLEAR
        notes = [_NOTES[kind] for kind in sorted(how.kinds) if kind in _NOTES]
        notes += ["`revealFields` shows it for a while."] if how.can_be_revealed else []
        spelled = _type_of(a.column)
        return Spelled(a.name, spelled if always else f"{spelled} | None", " ".join([a.about, *notes]))

    def _form(self, column: Column[Any]) -> Form:
        if isinstance(column.type, LargeBinary):
            return Form.ENCRYPTED if treatment(column, self._role).kind is Kind.CLEAR else Form.PLAIN
        if isinstance(column.type, Point):
            return Form.POINT
        return Form.JSON_TEXT if column.key == "geojson" else Form.PLAIN

    # ---- lists

    def _lists(self, noun: Noun) -> None:
        name, types = noun.name, self._types
        links = [
            Spelled(link.name, f"{link.target}Filter | None", f"Its {link.name} meets this.")
            for link in self._ones(noun)
        ]
        links += [
            Spelled(many.name, f"{many.target}ListFilter | None", f"Conditions on its {many.name}.")
            for many in self._manies(noun)
            if may_count(self._nouns[many.target].table.name, self._role)
        ]
        fields = inputs.filter_fields(noun, self._role, types, iter(links))
        types.input(f"{name}Filter", f"Which of the {_words(noun)} to show; all conditions must hold.", fields)
        types.input(
            f"{name}ListFilter",
            f"Conditions on linked {_words(noun)}.",
            [
                Spelled("some", f"{name}Filter | None", "At least one meets this."),
                Spelled("none", f"{name}Filter | None", "None meets this."),
            ],
        )
        self._order(noun)
        self._object(
            f"{name}Edge",
            f"A row of a list of {_words(noun)}, with its place.",
            {
                Spelled("cursor", "String", "Where the row stands; sealed, for this role and order only."): Part(
                    "cursor"
                ),
                Spelled("node", name, "The row."): Part("node"),
            },
        )
        connection: dict[Spelled, Meaning] = {
            Spelled("edges", f"list[{name}Edge]", "The rows with their places."): Part("edges"),
            Spelled("nodes", f"list[{name}]", "The rows."): Part("nodes"),
            Spelled("pageInfo", "PageInfo", "Where the page stands."): Part("pageInfo"),
        }
        if may_count(noun.table.name, self._role):
            connection[Spelled("totalCount", "Int", "How many rows the filter leaves (jumlah).")] = Part("totalCount")
        self._object(f"{name}Connection", f"A page of {_words(noun)}.", connection)

    def _order(self, noun: Noun) -> None:
        members = inputs.order_members(noun, self._role)
        if not members:
            return
        self._types.enum(f"{noun.name}OrderField", f"What {_words(noun)} may be sorted by.", members)
        self._types.input(
            f"{noun.name}Order",
            f"One key to sort {_words(noun)} by.",
            [
                Spelled("field", f"{noun.name}OrderField", "What to sort by."),
                Spelled("direction", "OrderDirection | None", "Which way; rising if left out."),
            ],
        )

    def _list_arguments(self, noun: Noun) -> tuple[Argument, ...]:
        arguments: tuple[Argument, ...] = (
            *_PAGE_ARGUMENTS,
            Argument("filter", f"{noun.name}Filter | None", "Which rows to show."),
        )
        if inputs.order_members(noun, self._role):
            about = "Keys to sort by, first to last; the row's own key comes after them."
            arguments = (*arguments, Argument("orderBy", f"list[{noun.name}Order] | None", about))
        return arguments

    # ---- groups

    def _groups(self, noun: Noun) -> None:
        found = groups.dimensions(noun, self._role, CATALOGUE, self._ones(noun))
        values: dict[Spelled, Meaning] = {
            Spelled(a.name, groups.aggregates_of(a.column), a.about): Value(a.column)
            for a in noun.attributes
            if Use.AGGREGATE in uses(a.column, self._role)
        }
        if not found:
            return
        self._dimensions[noun.name] = found
        members = {n: groups.sentence(d, CATALOGUE) for n, d in found.items()}
        self._types.enum(f"{noun.name}Dimension", f"What {_words(noun)} may be grouped by.", members)
        spelled = {n: _type_of(d.column) for n, d in found.items()}
        keys: dict[Spelled, Meaning] = {k: Part(k.name) for k in groups.key_fields(found, spelled, CATALOGUE)}
        self._object(f"{noun.name}Keys", "What the rows of a group have in common.", keys)
        fields: dict[Spelled, Meaning] = {
            Spelled("keys", f"{noun.name}Keys", "What the rows have in common."): Part("keys"),
            Spelled("count", "Int", "How many rows (jumlah)."): Part("count"),
            **values,
        }
        if noun.measures == "LoanMeasures" and self._has_measures():
            about = "Measures of the group's loans at the end of a day (ukuran portofolio)."
            fields[Spelled("portfolio", "LoanPortfolio", about, (groups.AS_OF,))] = Part("portfolio")
            self._object("LoanPortfolio", "Measures of a group of loans.", {f: Part(f.name) for f in groups.PORTFOLIO})
        self._object(f"{noun.name}Group", f"Rows of {_words(noun)} that have keys in common.", fields)

    # ---- the root

    def _query(self) -> Iterator[tuple[Spelled, Meaning]]:
        identifier = Argument("id", "ID", "Public identifier.")
        yield (
            Spelled("node", "Node | None", "Whatever an identifier names, if this role sees it.", (identifier,)),
            ById(None),
        )
        ids = Argument("ids", "list[ID]", "Public identifiers.")
        about = "Whatever identifiers name, in their order; empty where this role sees nothing."
        yield Spelled("nodes", "list[Node | None]", about, (ids,)), ById(None, several=True)
        for noun in self._nouns.values():
            yield Spelled(noun.plural, f"{noun.name}Connection", noun.about, self._list_arguments(noun)), Page(noun)
            yield Spelled(noun.singular, f"{noun.name} | None", noun.about, (identifier,)), ById(noun)
            if noun.name in self._dimensions:
                yield self._groups_field(noun), Groups(noun)
        if may_look_up(self._role):
            nik = Argument("nik", "String", "The 16 digits of the NIK.")
            about = "Businesses of the owner with exactly this NIK; every look-up is logged."
            yield Spelled("recipientsByNik", "list[Recipient]", about, (nik,)), ByNik(self._nouns["Recipient"])
        if may_reveal(self._role):
            yield reveal.revealed_values(self._object)
        yield from self._map_layers()
        yield from published.roots().items()

    def _groups_field(self, noun: Noun) -> Spelled:
        arguments = (
            Argument("by", f"list[{noun.name}Dimension]", "What to group by, at most four; none gives one group."),
            Argument("filter", f"{noun.name}Filter | None", "Which rows to count."),
            Argument("first", "Int | None", "Most groups to show, in the order of their keys; 100 if left out."),
        )
        return Spelled(f"{noun.singular}Groups", f"list[{noun.name}Group]", f"Groups of {_words(noun)}.", arguments)

    def _map_layers(self) -> Iterator[tuple[Spelled, Meaning]]:
        tables = {"TARGET": "need", "PLEDGE": "pledge", "DISTRIBUTION": "delivery"}
        abouts = {
            "TARGET": "What is needed (target).",
            "PLEDGE": "What is pledged (komitmen).",
            "DISTRIBUTION": "What was delivered (penyaluran).",
        }
        layers = {name: abouts[name] for name, table in tables.items() if table in self._views}
        if not layers:
            return
        self._types.enum("MapLayer", "A layer of the map (lapisan peta).", layers)
        self._types.enum(
            "MapLevel",
            "How fine the map is (tingkat).",
            {
                "KOTA": "Cities (kota).",
                "KECAMATAN": "Districts (kecamatan).",
                "KELURAHAN": "Urban villages (kelurahan).",
            },
        )
        self._enum(PackageKind)
        cell = [
            Spelled("regionCode", "String", "Kemendagri code (kode wilayah)."),
            Spelled("regionName", "String", "Name (nama wilayah)."),
            Spelled("centre", "GeoJSON", "A point inside the region."),
            Spelled("quantity", "Int", "How many goods, trainings or loans (jumlah)."),
            Spelled("value", "Rupiah", "Value in whole rupiah (nilai)."),
        ]
        self._object("MapCell", "One region of a map layer.", {f: Part(f.name) for f in cell})
        arguments = (
            Argument("layer", "MapLayer", "Which layer."),
            Argument("level", "MapLevel", "How fine."),
            Argument("packageKind", "PackageKind | None", "Only this kind of help."),
        )
        yield Spelled("mapLayer", "list[MapCell]", "A layer of the map by region (lapisan peta).", arguments), Layer()


def _type_of(column: Column[Any]) -> str:
    """A column's GraphQL type."""
    match column.type:
        case Enum(enum_class=codes) if codes is not None:
            return str(codes.__name__)
        case Boolean():
            return "Boolean"
        case RupiahAmount():
            return "Rupiah"
        case Integer():
            return "Int"
        case Numeric():
            return "Float"
        case Date():
            return "Date"
        case DateTime():
            return "DateTime"
        case Point():
            return "GeoJSON"
        case _:
            return "GeoJSON" if column.key == "geojson" else "String"


def _about_codes(codes: Any) -> str:
    """A list of codes in a sentence: "Package kind (jenis paket). Source: ..."; its docstring has the official term."""
    term, _, source = " ".join((codes.__doc__ or "").split()).partition(". ")
    name = _spaced(codes.__name__).strip()
    return f"{name.capitalize()} ({term[:1].lower()}{term[1:].rstrip('.')}). {source}".strip()


def _words(noun: Noun) -> str:
    """The plural of a noun as a sentence has it: `auditReports` as "audit reports"."""
    return _spaced(noun.plural)


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
