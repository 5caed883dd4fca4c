"""The guide as rows: one Markdown file for each topic and language, `guide/<language>/<topic>.md`.

A file begins with a few lines between two lines of `---`: `kind` (GUIDE or FAQ), `position` among those of its kind,
and the codes of the `steps` that it helps with. Its first heading is the title, what follows is the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kernel.errors import KsbbError
from models.flow_codes import GuideKind, Language


class ArticleUnreadable(KsbbError):
    """A file of the guide lacks its title or one of its lines at the top."""

    code = "ARTICLE_UNREADABLE"

    def __init__(self, topic: str, language: Language, lacks: str) -> None:
        super().__init__(
            f"The article `{topic}` in {language.label_en} lacks {lacks}. Between two lines of `---` write `kind:`, "
            f"`position:` and `steps:`, then a heading with `# `, then the text.",
            topic=topic,
        )


@dataclass(frozen=True, kw_only=True)
class Article:
    """One article in one language."""

    topic: str
    language: Language
    kind: GuideKind
    position: int
    steps: tuple[str, ...]
    title: str
    body: str

    @property
    def id(self) -> str:
        """`complain:en`."""
        return f"{self.topic}:{self.language.lower()}"


@cache
def articles() -> tuple[Article, ...]:
    """Every article, by language, kind and position.

    Raises:
        ArticleUnreadable: a file is not written as it should be.
    """
    found = [
        read_article(file.name.removesuffix(".md"), language, file.read_text(encoding="utf-8"))
        for language in Language
        for file in (resources.files("models.reference") / "guide" / language.lower()).iterdir()
    ]
    return tuple(sorted(found, key=lambda a: (a.language, a.kind, a.position)))


def read_article(topic: str, language: Language, text: str) -> Article:
    """An article from the text of its file.

    Raises:
        ArticleUnreadable: the text is not written as it should be.
    """
    _, _, rest = text.partition("---\n")
    head, _, content = rest.partition("\n---\n")
    told = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    heading, _, body = content.strip().partition("\n")
    lacks = next((f"`{name}:`" for name in ("kind", "position", "steps") if name not in told), None)
    if lacks or not heading.startswith("# ") or not body.strip():
        raise ArticleUnreadable(topic, language, lacks or "a title or a text")
    return Article(
        topic=topic,
        language=language,
        kind=GuideKind[told["kind"]],
        position=int(told["position"]),
        steps=tuple(told["steps"].split()),
        title=heading.removeprefix("# "),
        body=body.strip() + "\n",
    )


def guide_article_rows() -> Iterator[dict[str, Any]]:
    """The rows of `guide_article`."""
    for article in articles():
        yield {
            "id": article.id,
            "topic": article.topic,
            "language": article.language,
            "kind": article.kind,
            "position": article.position,
            "title": article.title,
            "body": article.body,
        }


def article_step_rows() -> Iterator[dict[str, Any]]:
    """The rows of `article_step`."""
    for article in articles():
        for step in article.steps:
            yield {"id": f"{article.id}:{step}", "article_id": article.id, "step_code": step}
