"""The steps of the flow, who acts and which forms are filled in."""

from models.step import Step as Row
from models.step import StepActor as StepActorRow
from models.step import StepForm as StepFormRow
from resolvers.catalogue import noun

STEP = noun(
    Row,
    "Step",
    plural="steps",
    about="A numbered step of the flow, from target data to monitoring, or of the intake chain (langkah).",
    fields={
        Row.code: "Short name, e.g. I-25, II-B4 or PAIS-D6 (kode langkah).",
        Row.annex: "Document that it belongs to (lampiran).",
        Row.path: "Letter of the way through the document, where it has several (jalur).",
        Row.number: "Number within document and path (nomor).",
        Row.text_indonesian: "What happens, in Indonesian (uraian).",
        Row.text_english: "What happens, in English.",
        Row.evidence_indonesian: "What comes of it or proves it, in Indonesian (bukti atau keluaran).",
        Row.evidence_english: "What comes of it or proves it, in English.",
        Row.origin: "Whether the document says so or we reconstructed it (asal).",
        Row.source: "Document and paragraph (sumber).",
    },
)

STEP_ACTOR = noun(
    StepActorRow,
    "StepActor",
    plural="stepActors",
    about="Somebody who acts at a step; read from its sentences (pelaku langkah).",
    fields={StepActorRow.actor: "Who acts (pelaku)."},
)

STEP_FORM = noun(
    StepFormRow,
    "StepForm",
    plural="stepForms",
    about="A form that is filled in at a step (formulir langkah).",
    fields={StepFormRow.form: "Letter of the form (formulir)."},
)
