"""What the pages say of subscriptions is what the roles may hear, how streams end, and what the schemas take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import parse, validate

import edge.websocket
from edge.streams import TokenEnded, TooManyConnections, TooManyOperations
from events.stream import CannotRead, ServerStops, StreamEnded, TooSlowConsumer
from kernel.settings import Settings
from policy.viewer import Role
from resolvers.cursors import BadCursor
from resolvers.hearing import heard_by
from schema.build import role_schema
from schema.events_page import events_page

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "event_types.md"
QUESTIONS = re.compile(r"```graphql\n(.*?)```", re.DOTALL)


def subscribe_page() -> str:
    return (DOCS / "subscribe.md").read_text(encoding="utf-8")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]


def test_the_page_says_who_hears_of_what(renew: bool) -> None:
    if renew:
        PAGE.write_text(events_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == events_page()


def test_the_table_has_a_mark_where_a_role_hears_and_nowhere_else() -> None:
    told = {row[0].strip("`"): row[3:] for row in rows(events_page(), "Jenis x peran / Type x role")}
    for column, role in enumerate(Role):
        assert {name for name, marks in told.items() if marks[column] == "x"} == set(heard_by(role))


def test_every_closing_code_is_explained() -> None:
    known = {value for name, value in vars(edge.websocket).items() if name.isupper() and isinstance(value, int)} & set(
        range(1000, 5000)
    )
    told = set(map(int, re.findall(r"^\| `(\d{4})`", subscribe_page(), re.MULTILINE)))
    assert known <= told


def test_every_way_in_which_a_stream_ends_is_explained() -> None:
    ends: set[type[StreamEnded]] = {TokenEnded, ServerStops, TooSlowConsumer, CannotRead}
    assert set(StreamEnded.__subclasses__()) <= ends
    for code in (*(end.code for end in ends), BadCursor.code, TooManyConnections.code, TooManyOperations.code):
        assert f"`{code}`" in subscribe_page()


def test_every_setting_that_the_page_names_exists() -> None:
    named = set(re.findall(r"KSBB_([A-Z_]+)", subscribe_page()))
    assert named <= {name.upper() for name in Settings.__dataclass_fields__}


@pytest.mark.parametrize("question", QUESTIONS.findall(subscribe_page()))
def test_every_subscription_of_the_page_is_taken_from_an_inspector(question: str) -> None:
    assert validate(role_schema(Role.INSPEKTORAT).schema, parse(question)) == []
