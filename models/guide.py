"""The guide (panduan dan tanya jawab) and the steps of the flow that each article helps with."""

from __future__ import annotations

from sqlalchemy import Computed, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, searchable
from models.flow_codes import GuideKind, Language
from models.privacy import Public


class GuideArticle(Base):
    """An article of the guide in one language; `id` is `<topic>:<language>`.

    Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 2 asks for a guide and answers to frequent questions.
    """

    __tablename__ = "guide_article"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'guide_article_' || id", persisted=True))
    topic: Mapped[Public[str]]
    language: Mapped[Public[Language]]
    kind: Mapped[Public[GuideKind]]
    position: Mapped[Public[int]]
    title: Mapped[Public[str]]
    body: Mapped[Public[str]]
    search: Mapped[Public[str]] = searchable("title", "body")

    __table_args__ = (Index("ix_guide_article_search", "search", postgresql_using="gin"),)


class ArticleStep(Base):
    """A step of the flow that an article helps with."""

    __tablename__ = "article_step"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'article_step_' || id", persisted=True))
    article_id: Mapped[Public[str]] = mapped_column(ForeignKey(f"{SCHEMA}.guide_article.id"), index=True)
    step_code: Mapped[Public[str]] = mapped_column(ForeignKey(f"{SCHEMA}.step.code"), index=True)
