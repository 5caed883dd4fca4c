"""The steps of the flow (langkah): who does what, with which form and what comes of it."""

from __future__ import annotations

from sqlalchemy import Computed, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base
from models.flow_codes import Annex, FormCode, StepOrigin
from models.privacy import Public
from models.vocabulary import Actor


class Step(Base):
    """A numbered step of an annex or of the intake chain (langkah).

    Texts are in our own words. Source: Instruksi Sekda DKI 56/2020, Lampiran I and II; PAIS UMi SOP, part D; `source`
    names the paragraph of each.
    """

    __tablename__ = "step"

    code: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'step_' || code", persisted=True))
    annex: Mapped[Public[Annex]]
    path: Mapped[Public[str | None]]
    number: Mapped[Public[int | None]]
    text_indonesian: Mapped[Public[str]]
    text_english: Mapped[Public[str]]
    evidence_indonesian: Mapped[Public[str | None]]
    evidence_english: Mapped[Public[str | None]]
    origin: Mapped[Public[StepOrigin]]
    source: Mapped[Public[str]]


class StepActor(Base):
    """Somebody who acts at a step.

    Read from the sentences of the annex: which of its columns acts at which step was lost in the scan.
    """

    __tablename__ = "step_actor"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'step_actor_' || id", persisted=True))
    step_code: Mapped[Public[str]] = mapped_column(ForeignKey(f"{SCHEMA}.step.code"), index=True)
    actor: Mapped[Public[Actor]]


class StepForm(Base):
    """A form that is filled in at a step."""

    __tablename__ = "step_form"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'step_form_' || id", persisted=True))
    step_code: Mapped[Public[str]] = mapped_column(ForeignKey(f"{SCHEMA}.step.code"), index=True)
    form: Mapped[Public[FormCode]]
