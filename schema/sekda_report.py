"""Reports to the Sekda."""

from models.sekda_report import SekdaReport as Row
from resolvers.catalogue import noun

SEKDA_REPORT = noun(
    Row,
    "SekdaReport",
    plural="sekdaReports",
    about="The result report to the Sekda about a period (laporan kepada Sekda).",
    fields={
        Row.period: "Period reported on, as 2020-S1 or 2020 (periode).",
        Row.fixed_on: "Day on which it was fixed; it never changes afterwards (ditetapkan pada).",
        Row.content: "What it says, JSON as text (isi laporan).",
        Row.file_sha256: "SHA-256 of the content in hexadecimal digits (sidik laporan).",
    },
)
