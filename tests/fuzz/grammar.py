"""Random documents over a role's schema: a walk that knows what it needs to know to be mostly valid."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)

from resolvers.catalogue import Noun
from schema.nouns import CATALOGUE
from tests.fuzz.reference import Keys, Reference, keys_of
from tests.fuzz.values import Values

MISSING = object()
WORDS = ("a", "select", "null", "true", "data", "from_", "B", "_", "kunci")
_DEEPEST = 4

_NOT_ASKED = frozenset({"datasets", "publishedStatistics", "revealedValues"})
"""Fields of the root that are read from published files, so that there is nothing to compile; and one that answers only
what somebody asked for before."""


@dataclass
class Leaf:
    """A scalar that is drawn anew for every rendering."""

    draw: Callable[[], Any]


@dataclass
class Choice:
    """An enum value or boolean: written, it is part of the document; as a variable it is drawn anew."""

    among: tuple[Any, ...]


Node = Leaf | Choice | None | list["Node"] | dict[str, "Node"]
"""A value before it is written: as text, as a variable, or partly so."""


@dataclass
class Document:
    """A document with holes; each rendering fills them with other values."""

    values: Values
    template: str = ""
    slots: list[Callable[[], str]] = field(default_factory=list)
    variables: dict[str, Callable[[], Any]] = field(default_factory=dict)
    refusable: bool = False

    def render(self) -> tuple[str, dict[str, Any], bool]:
        """Text, variables, and whether it may be refused."""
        self.values.refusable = self.refusable
        text = self.template
        for i, slot in enumerate(self.slots):
            text = text.replace(f"\x01{i}\x01", slot())
        drawn = {name: draw() for name, draw in self.variables.items()}
        return text, {n: v for n, v in drawn.items() if v is not MISSING}, self.values.refusable


class Grammar:
    """Makes documents for one viewer."""

    def __init__(self, random: Random, reference: Reference) -> None:
        self._random = random
        self._reference = reference
        self._schema = reference.schema
        self._values = Values(random, reference)
        self._new()

    def _new(self) -> None:
        self._document = Document(self._values)
        self._definitions: list[str] = []
        self._fragments: list[str] = []
        self._written: dict[tuple[str, str], str] = {}
        self._keys = 0

    def document(self) -> Document:
        """A new document."""
        self._new()
        root = self._schema.query_type
        assert root is not None
        body = self._selection(root, self._random.choice((2, 3, _DEEPEST)))
        whole = "\n".join([body, *self._fragments])
        used = [d for d in self._definitions if re.search(rf"\{d.partition(':')[0]}\b", whole)]
        declared = f"({', '.join(used)})" if used else ""
        name = self._random.choice(("", " Q")) if declared == "" else " Q"
        head = "" if not declared and not name and self._chance(0.5) else f"query{name}{declared} "
        self._document.template = "\n".join([head + body, *self._fragments])
        return self._document

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    # ---- selections

    def _selection(self, type_: Any, depth: int, *, alias_all: bool = False) -> str:
        """`{ ... }` of an object or interface type."""
        if isinstance(type_, GraphQLInterfaceType):
            return self._of_interface(type_, depth)
        parts = [self._field(type_, depth, alias_all) for _ in range(self._random.choice((1, 1, 2, 3, 4)))]
        if self._chance(0.15):
            parts.append(self._random.choice(("__typename", f"{self._alias()}: __typename")))
        if type_ is self._schema.query_type and self._chance(0.05):
            parts.append(self._introspection())
        self._random.shuffle(parts)
        if self._chance(0.15):
            parts = [self._wrapped(type_.name, parts)]
        return "{ " + " ".join(parts) + " }"

    def _of_interface(self, type_: GraphQLInterfaceType, depth: int) -> str:
        possible = [t for t in self._schema.get_possible_types(type_) if t.name in self._reference.rows.of]
        parts = self._random.sample(["id", "__typename", "n0: id"], self._random.randrange(1, 3))
        for concrete in self._random.sample(possible, min(len(possible), self._random.choice((1, 2, 4)))):
            parts.append(f"... on {concrete.name} {self._selection(concrete, depth - 1, alias_all=True)}")
        if self._chance(0.2):
            parts.append(f"... on {type_.name} {{ id }}")
        return "{ " + " ".join(parts) + " }"

    def _wrapped(self, type_name: str, parts: list[str]) -> str:
        """Some fields inside a fragment."""
        body = "{ " + " ".join(parts) + " }"
        directive = self._directive() if self._chance(0.3) else ""
        if self._chance(0.5):
            condition = f" on {type_name}" if self._chance(0.7) else ""
            return f"...{condition}{directive} {body}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {type_name} {body}")
        return f"...{name}{directive}" + (f" ...{name}" if self._chance(0.3) else "")

    def _directive(self) -> str:
        name = self._random.choice(("include", "skip"))
        return f" @{name}(if: {self._emit(Choice((True, False)), 'Boolean!', None)})"

    def _alias(self) -> str:
        self._keys += 1
        return f"{self._random.choice(WORDS)}{self._keys}"

    def _field(self, type_: GraphQLObjectType, depth: int, alias_all: bool) -> str:
        fields = {n: f for n, f in type_.fields.items() if n not in _NOT_ASKED}
        simple = [n for n, f in fields.items() if is_leaf_type(get_named_type(f.type))]
        deep = [n for n in fields if n not in simple] if depth > 0 else []
        if not simple and not deep:
            return "__typename"
        name = self._random.choice(deep if deep and (not simple or self._chance(0.5)) else simple)
        definition = fields[name]
        arguments = self._arguments(definition)
        written = self._written.setdefault((type_.name, name), arguments)
        key = "" if written == arguments and not alias_all and self._chance(0.8) else f"{self._alias()}: "
        if written != arguments and self._chance(0.1):
            key, arguments = "", written
            if alias_all:
                key = f"{self._alias()}: "
        directive = self._directive() if self._chance(0.06) else ""
        named = get_named_type(definition.type)
        body = "" if is_leaf_type(named) else " " + self._selection(named, depth - 1)
        return f"{key}{name}{arguments}{directive}{body}"

    def _introspection(self) -> str:
        a, b = self._alias(), self._alias()
        name = self._random.choice(list(self._schema.type_map))
        return self._random.choice(
            (
                f"{a}: __schema {{ queryType {{ name }} }} {b}: __type(name: {json.dumps(name)}) {{ kind name }}",
                f'{a}: __type(name: "{name}") {{ name fields {{ name args {{ name }} type {{ name kind }} }} }}',
                f"{a}: __schema {{ queryType {{ name }} }} {a}: __schema {{ mutationType {{ name }} __typename }}",
            )
        )

    # ---- arguments

    def _arguments(self, definition: GraphQLField) -> str:
        if not definition.args:
            return ""
        nodes = self._argument_nodes(definition)
        parts = [
            f"{a}: {self._emit(n, str(definition.args[a].type), definition.args[a].type)}" for a, n in nodes.items()
        ]
        self._random.shuffle(parts)
        return f"({', '.join(parts)})" if parts else ""

    def _argument_nodes(self, definition: GraphQLField) -> dict[str, Node]:
        named = get_named_type(definition.type)
        if "after" in definition.args:
            return self._page_nodes(CATALOGUE.nouns[named.name.removesuffix("Connection")], definition)
        nodes: dict[str, Node] = {}
        if "by" in definition.args:
            nodes = self._group_nodes(CATALOGUE.nouns[named.name.removesuffix("Group")], definition)
        if "id" in definition.args:
            noun = CATALOGUE.nouns.get(named.name)
            nodes["id"] = Leaf(lambda: self._values.identifier(noun))
        if "ids" in definition.args:
            nodes["ids"] = [Leaf(lambda: self._values.identifier(None)) for _ in range(self._random.randrange(5))]
        if "nik" in definition.args:
            nodes["nik"] = Leaf(self._values.nik)
        if "asOf" in definition.args and self._chance(0.8):
            nodes["asOf"] = Leaf(self._values.day)
        for argument in ("rule", "layer", "level", "packageKind"):
            if argument in definition.args and (argument in {"layer", "level"} or self._chance(0.4)):
                nodes[argument] = self._choice(definition.args[argument].type)
        return nodes

    @staticmethod
    def _choice(type_: Any) -> Choice:
        enum = get_named_type(type_)
        assert isinstance(enum, GraphQLEnumType)
        return Choice(tuple(enum.values))

    def _page_nodes(self, noun: Noun, definition: GraphQLField) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        keys: Keys = keys_of(noun, self._reference.viewer.role, None)
        if "orderBy" in definition.args and self._chance(0.4):
            nodes["orderBy"], keys = self._order(noun, definition)
        if self._chance(0.85):
            nodes["last" if self._chance(0.25) else "first"] = Leaf(self._values.page_size)
        if self._chance(0.03):
            self._document.refusable = True
            nodes["first"], nodes["last"] = Leaf(self._values.page_size), Leaf(self._values.page_size)
        for side in ("after", "before"):
            if self._chance(0.3 if self._values.fitting(noun, keys) else 0.01):
                self._document.refusable |= "orderBy" in nodes  # whose direction may come as another
                nodes[side] = Leaf(lambda: self._values.cursor(noun, keys))
        if self._chance(0.5):
            nodes["filter"] = self._filter(noun, 2)
        for argument in list(nodes):
            if self._chance(0.03):
                nodes[argument] = None
        return nodes

    def _order(self, noun: Noun, definition: GraphQLField) -> tuple[Node, Keys]:
        order = get_named_type(definition.args["orderBy"].type)
        assert isinstance(order, GraphQLInputObjectType)
        fields = self._choice(order.fields["field"].type).among
        items: list[dict[str, Any]] = []
        for _ in range(self._random.choice((0, 1, 1, 2, 3))):
            item = {"field": self._random.choice(fields)}
            if self._chance(0.7):
                item["direction"] = self._random.choice(("ASC", "DESC"))
            items.append(item)
        nodes: list[Node] = [{k: Choice((v,)) for k, v in item.items()} for item in items]
        keys = keys_of(noun, self._reference.viewer.role, items)
        return (nodes[0] if len(nodes) == 1 and self._chance(0.2) else nodes), keys

    def _group_nodes(self, noun: Noun, definition: GraphQLField) -> dict[str, Node]:
        nodes: dict[str, Node] = {}
        among = self._choice(definition.args["by"].type)
        count = self._random.choice((0, 1, 1, 2, 2, 3, 4, 4, 5))
        self._document.refusable = self._document.refusable or count > 4
        nodes["by"] = [among for _ in range(count)]
        if self._chance(0.4):
            nodes["first"] = Leaf(self._values.page_size)
        if self._chance(0.5):
            nodes["filter"] = self._filter(noun, 2)
        return nodes

    # ---- filters

    def _filter(self, noun: Noun, depth: int) -> Node:
        type_ = self._schema.type_map[f"{noun.name}Filter"]
        assert isinstance(type_, GraphQLInputObjectType)
        found: dict[str, Node] = {}
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 3))):
            name = self._random.choice(list(type_.fields))
            if name in {"and", "or", "not"} and depth <= 0:
                continue
            found[name] = self._condition(noun, name, type_, depth)
        if found and self._chance(0.005):
            self._document.refusable = True
            found[self._random.choice(list(found))] = None
        return found

    def _condition(self, noun: Noun, name: str, type_: GraphQLInputObjectType, depth: int) -> Node:
        if name in {"and", "or"}:
            parts: list[Node] = [self._filter(noun, depth - 1) for _ in range(self._random.randrange(4))]
            return parts[0] if len(parts) == 1 and self._chance(0.3) else parts
        if name == "not":
            return self._filter(noun, depth - 1)
        if name == "search":
            return Leaf(self._values.words)
        if name == "id":
            one = Leaf(lambda: self._values.identifier(noun))
            return {"eq": one} if self._chance(0.4) else {"in": [one for _ in range(self._random.randrange(4))]}
        named = get_named_type(type_.fields[name].type)
        assert isinstance(named, GraphQLInputObjectType)
        if named.name.endswith("ListFilter"):
            other = CATALOGUE.nouns[named.name.removesuffix("ListFilter")]
            return {
                q: self._filter(other, depth - 1) for q in self._random.choice((["some"], ["none"], ["some", "none"]))
            }
        if named.name.removesuffix("Filter") in CATALOGUE.nouns:
            return self._filter(CATALOGUE.nouns[named.name.removesuffix("Filter")], depth - 1)
        return self._operators(noun, name, named)

    def _operators(self, noun: Noun, name: str, type_: GraphQLInputObjectType) -> Node:
        column = next(a.column for a in noun.attributes if a.name == name)
        found: dict[str, Node] = {}
        for _ in range(self._random.choice((0, 1, 1, 1, 1, 2))):
            operator = self._random.choice(list(type_.fields))
            scalar = get_named_type(type_.fields[operator].type)
            value: Node
            if isinstance(scalar, GraphQLEnumType):
                value = Choice(tuple(scalar.values))
            elif scalar.name == "Boolean":
                value = Choice((True, False))
            elif isinstance(scalar, GraphQLInputObjectType):
                value = {n: Leaf(lambda n=n: self._values.degrees(n)) for n in scalar.fields}  # type: ignore[misc]  # bound at once
            else:
                value = Leaf(lambda o=operator, s=scalar.name: self._values.of_column(noun, column, s, o))  # type: ignore[misc]  # see above
            if operator in {"in", "notIn"} and not isinstance(value, dict):
                value = [value for _ in range(self._random.choice((0, 1, 2, 3)))]
            found[operator] = value
        return found

    # ---- writing

    def _emit(self, node: Node, type_name: str, type_: Any) -> str:
        """A value as text: written, or a variable, or partly so."""
        if self._chance(0.25) and not (node is None and type_name.endswith("!")):
            return self._variable(node, type_name)
        return self._emit_written(node, type_)

    def _emit_written(self, node: Node, type_: Any) -> str:
        bare = get_nullable_type(type_) if type_ is not None else None
        match node:
            case None:
                return "null"
            case Choice(among=among):
                return _spelled(self._random.choice(among))
            case Leaf(draw=draw):
                self._document.slots.append(lambda: self._literal(draw()))
                return f"\x01{len(self._document.slots) - 1}\x01"
            case list():
                inner = bare.of_type if isinstance(bare, GraphQLList) else None
                if len(node) == 1 and self._chance(0.2):
                    return self._emit_written(node[0], inner)
                return "[" + ", ".join(self._emit(n, str(inner), inner) for n in node) + "]"
            case dict():
                return self._emitted_object(node, bare.of_type if isinstance(bare, GraphQLList) else bare)

    def _emitted_object(self, node: Mapping[str, Node], type_: Any) -> str:
        fields = get_nullable_type(type_).fields
        parts = [f"{k}: {self._emit(n, str(fields[k].type), fields[k].type)}" for k, n in node.items()]
        return "{" + ", ".join(parts) + "}"

    def _variable(self, node: Node, type_name: str) -> str:
        name = f"v{len(self._definitions)}"
        required = type_name.endswith("!")
        default = ""
        if self._chance(0.2) and not isinstance(node, list | dict | None):
            default = f" = {self._constant(node)}"
        declared = type_name
        if required and default and self._chance(0.5):
            declared = type_name[:-1]
        elif not required and self._chance(0.3) and node is not None:
            declared = f"{type_name}!"
        self._definitions.append(f"${name}: {declared}{default}")
        may_miss = bool(default) or not declared.endswith("!")
        may_be_null = not declared.endswith("!") and not required

        def draw() -> Any:
            if may_miss and self._chance(0.15):
                return MISSING
            if may_be_null and self._chance(0.02):
                self._values.refusable = True  # mostly: an argument may be null, a condition not
                return None
            return self._drawn(node)

        self._document.variables[name] = draw
        return f"${name}"

    def _constant(self, node: Node) -> str:
        if isinstance(node, Choice):
            return _spelled(self._random.choice(node.among))
        assert isinstance(node, Leaf)
        draw = node.draw
        self._document.slots.append(lambda: self._literal(draw()))
        return f"\x01{len(self._document.slots) - 1}\x01"

    def _drawn(self, node: Node) -> Any:
        match node:
            case Leaf(draw=draw):
                return draw()
            case Choice(among=among):
                return self._random.choice(among)
            case [single] if self._chance(0.2):
                return self._drawn(single)
            case list():
                return [self._drawn(n) for n in node]
            case dict():
                return {k: self._drawn(n) for k, n in node.items()}
            case None:
                return None

    def _literal(self, value: Any) -> str:
        """A value as a document writes it, in one of several ways."""
        match value:
            case str():
                return self._quoted(value)
            case float() if not math.isfinite(value):
                return "1e999"
            case dict():
                return "{" + ", ".join(f"{k}: {self._literal(v)}" for k, v in value.items()) + "}"
            case list():
                return "[" + self._random.choice((", ", " ")).join(self._literal(v) for v in value) + "]"
            case _:
                return _spelled(value)

    def _quoted(self, text: str) -> str:
        plain = text.isprintable() and '"' not in text and "\\" not in text
        if plain and text and text == text.strip() and self._chance(0.1):
            return f'"""{text}"""'
        if plain and self._chance(0.5):
            return f'"{text}"'
        return json.dumps(text, ensure_ascii=self._chance(0.5) or not text.isprintable())


def _spelled(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return value if isinstance(value, str) else repr(value)
