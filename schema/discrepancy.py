"""Discrepancies between reports."""

from models.discrepancy import Discrepancy as Row
from resolvers.catalogue import noun

DISCREPANCY = noun(
    Row,
    "Discrepancy",
    plural="discrepancies",
    about="Two reports of one measure that do not agree (selisih laporan).",
    fields={
        Row.measure: "What was reported (ukuran).",
        Row.reporter_a: "First reporter (pelapor A).",
        Row.value_a: "What the first reported (nilai A).",
        Row.reporter_b: "Second reporter (pelapor B).",
        Row.value_b: "What the second reported (nilai B).",
        Row.detected_on: "Day it was found (terdeteksi pada).",
        Row.agreed_on: "Day since which the reports agree again (sesuai sejak).",
        Row.status: "State (status selisih).",
        Row.explanation: "What the reporters say (penjelasan).",
    },
)
