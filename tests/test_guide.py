"""The guide helps with every step, says the same in both languages, and leads nowhere that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import parse, validate
from starlette.routing import Mount, Route

from edge.app import GRAPHQL_PATHS, routes
from kernel.errors import KsbbError
from models.flow_codes import Annex, FormCode, GuideKind, Language, StepOrigin
from models.reference.articles import Article, ArticleUnreadable, articles, read_article
from models.reference.flow import step_actor_rows, step_form_rows, step_rows
from policy.viewer import Role
from schema.build import role_schema
from tests.conftest import Asking

every_article = pytest.mark.parametrize("article", articles(), ids=lambda article: article.id)

STEPS = {step["code"]: step for step in step_rows()}
RECONSTRUCTED = {f"I-{number}" for number in range(10, 20)}
LINK = re.compile(r"\]\(([^)]+)\)")
QUERY = re.compile(r"```graphql *(\w*)\n(.*?)```", re.DOTALL)


def in_language(language: Language) -> dict[str, Article]:
    return {article.topic: article for article in articles() if article.language is language}


# ---- steps


def test_the_catalogue_has_every_step_of_both_annexes_and_of_the_intake_chain() -> None:
    assert list(STEPS) == [
        *(f"I-{number:02}" for number in range(1, 28)),
        *("II-A", *(f"II-B{number}" for number in range(1, 6)), "II-C", *(f"II-L{number}" for number in range(1, 10))),
        *(f"PAIS-D{number}" for number in range(1, 10)),
    ]
    assert {step["annex"] for step in STEPS.values()} == set(Annex)


def test_what_is_missing_in_the_regulation_is_never_shown_as_its_own_text() -> None:
    reconstructed = {code for code, step in STEPS.items() if step["origin"] == StepOrigin.RECONSTRUCTION}
    assert reconstructed == RECONSTRUCTED
    for code in RECONSTRUCTED:
        assert f"Lampiran I no. {int(code[2:])}" not in STEPS[code]["source"]


def test_every_step_is_told_in_both_languages_with_source_and_actors() -> None:
    acting = {row["step_code"] for row in step_actor_rows()}
    assert acting == set(STEPS)
    for step in STEPS.values():
        assert step["text_indonesian"] != step["text_english"]
        assert (step["evidence_indonesian"] is None) == (step["evidence_english"] is None)
        assert step["source"]


def test_every_form_but_the_complaint_has_its_step() -> None:
    assert {row["form"] for row in step_form_rows()} == set(FormCode) - {FormCode.H}


# ---- articles


def test_both_languages_have_the_same_articles() -> None:
    indonesian, english = in_language(Language.ID), in_language(Language.EN)
    assert indonesian.keys() == english.keys()
    for topic, article in indonesian.items():
        other = english[topic]
        assert (article.kind, article.position, article.steps) == (other.kind, other.position, other.steps), topic
        assert LINK.findall(article.body) == LINK.findall(other.body), topic
        assert article.title != other.title, topic


@pytest.mark.parametrize("kind", list(GuideKind))
def test_articles_of_a_kind_are_numbered_without_gaps(kind: GuideKind) -> None:
    positions = [article.position for article in in_language(Language.EN).values() if article.kind is kind]
    assert sorted(positions) == list(range(1, len(positions) + 1))


def test_every_step_is_helped_by_an_article() -> None:
    helped = {step for article in articles() for step in article.steps}
    assert helped == set(STEPS)


@every_article
def test_every_link_of_an_article_is_alive(article: Article) -> None:
    topics = {f"{topic}.md" for topic in in_language(article.language)}
    for target in LINK.findall(article.body):
        assert target in topics or target in addresses(), target


def addresses() -> set[str]:
    """What the edge answers: the paths of its routes, and all that lies below a mount."""

    async def ready() -> dict[str, str]:
        return {}

    answered = routes(ready, Path("releases"))
    return {
        *GRAPHQL_PATHS,
        *(route.path for route in answered if isinstance(route, Route)),
        *(f"{route.path}/" for route in answered if isinstance(route, Mount)),
    }


def queries() -> Iterator[tuple[str, Role, str]]:
    for article in articles():
        for role, text in QUERY.findall(article.body):
            yield article.id, Role(role or "PUBLIK"), text


@pytest.mark.parametrize(("article", "role", "text"), list(queries()))
def test_a_question_in_the_guide_may_be_asked_by_whom_it_is_meant_for(article: str, role: Role, text: str) -> None:
    assert validate(role_schema(role).schema, parse(text)) == []


@pytest.mark.parametrize("text", ["no head", "---\nkind: FAQ\nposition: 1\nsteps: I-01\n---\n\nno title\n"])
def test_an_article_that_lacks_something_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ArticleUnreadable, match="write `kind:`") as refused:
        read_article("unready", Language.EN, text)
    assert isinstance(refused.value, KsbbError)


# ---- through the API

STEPS_OF_A_FINTECH = """
{ steps(first: 50, filter: {annex: {eq: LAMPIRAN_I}, origin: {eq: REGULATION},
                            actors: {some: {actor: {eq: FINTECH}}}, forms: {some: {}}}) {
    nodes {
      code forms { nodes { form } }
      articles(filter: {article: {language: {eq: EN}}}) { nodes { article { topic } } }
    }
} }
"""
HELP = """
{ guideArticles(first: 50, orderBy: {field: POSITION},
                filter: {language: {eq: ID}, kind: {eq: GUIDE}, steps: {some: {stepCode: {eq: "I-25"}}}}) {
    nodes { topic title body steps { nodes { step { code textIndonesian } } } }
} }
"""


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_asks_for_steps_by_annex_actor_form_and_origin(ask: Asking, role: Role) -> None:
    found = (await ask(role, STEPS_OF_A_FINTECH))["data"]["steps"]["nodes"]
    assert {node["code"]: [f["form"] for f in node["forms"]["nodes"]] for node in found} == {
        "I-05": ["G"],
        "I-23": ["D"],
        "I-25": ["E"],
        "I-26": ["F"],
    }
    assert all(node["articles"]["nodes"] for node in found)


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_finds_help_by_step_and_language(ask: Asking, role: Role) -> None:
    found = (await ask(role, HELP))["data"]["guideArticles"]["nodes"]
    wanted = [a for a in in_language(Language.ID).values() if a.kind is GuideKind.GUIDE and "I-25" in a.steps]
    assert [(n["topic"], n["body"]) for n in found] == [
        (a.topic, a.body) for a in sorted(wanted, key=lambda a: a.position)
    ]
    assert all(node["steps"]["nodes"] for node in found)


async def test_the_guide_is_found_by_words_and_opened_by_identifier(ask: Asking) -> None:
    words = '{ guideArticles(filter: {language: {eq: EN}, search: "tracking code"}) { nodes { id topic } } }'
    found = (await ask(Role.PUBLIK, words))["data"]["guideArticles"]["nodes"]
    assert "complain" in {node["topic"] for node in found}
    opened = await ask(
        Role.PUBLIK, '{ guideArticle(id: "guide_article_complain:en") { topic } step(id: "step_I-26") { number } }'
    )
    assert opened["data"] == {"guideArticle": {"topic": "complain"}, "step": {"number": 26}}
