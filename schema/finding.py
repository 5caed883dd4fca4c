"""Findings of Inspektorat and the steps taken on them."""

from models.finding import Finding as Row
from models.finding import FindingStep as StepRow
from resolvers.catalogue import noun

FINDING = noun(
    Row,
    "Finding",
    plural="findings",
    about="What the inspectorate found, for one body to answer (temuan).",
    fields={
        Row.classification: "What kind of shortcoming it is (golongan temuan).",
        Row.status: "State (status temuan).",
        Row.assigned_agency: "Who is to answer (penanggung jawab).",
        Row.region_code: "Kemendagri code of the region concerned, if one is (kode wilayah).",
        Row.recorded_on: "Day it was recorded (dicatat pada).",
        Row.due_on: "Day by which it is to be answered (batas waktu jawaban).",
        Row.closed_on: "Day it was closed (selesai pada).",
        Row.text: "What was found (uraian temuan).",
        Row.recommendation: "What is to be done (rekomendasi).",
    },
)

FINDING_STEP = noun(
    StepRow,
    "FindingStep",
    plural="findingSteps",
    about="One step on a finding: answer, closing or reopening (tindak lanjut temuan).",
    fields={
        StepRow.taken_at: "When it was taken (waktu).",
        StepRow.status: "State after the step (status).",
        StepRow.text: "The answer, or the reason (jawaban, alasan).",
    },
)
