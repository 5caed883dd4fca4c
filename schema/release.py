"""What was published, and what others reported."""

from models.release import FigureCheck as FigureCheckRow
from models.release import FigureMention as FigureMentionRow
from models.release import KbliCode as KbliCodeRow
from models.release import Release as Row
from models.release import ReportedFigure as ReportedFigureRow
from resolvers.catalogue import noun

RELEASE = noun(
    Row,
    "Release",
    plural="releases",
    about="A published version of a dataset (rilis).",
    fields={
        Row.dataset: "Name of the dataset (nama dataset).",
        Row.version: "Version (versi).",
        Row.released_at: "When it was published (diterbitkan pada).",
        Row.rows: "Number of rows (jumlah baris).",
        Row.sha256: "SHA-256 of the data file.",
        Row.policy_hash: "Fingerprint of the privacy policy it was made under.",
        Row.path: "Where it lies below /data/.",
        Row.withdrawn_reason: "Why it was withdrawn, if it was (alasan penarikan).",
        Row.withdrawn_reason_en: "The same in English.",
        Row.withdrawn_at: "When it was withdrawn, if it was; its files are then no longer served (ditarik pada).",
        Row.replaced_by: "Version that replaces it, where one does (digantikan oleh).",
        Row.taken_back_at: "When its files were gone from the catalogue and portals (berkas ditarik pada).",
    },
)

REPORTED_FIGURE = noun(
    ReportedFigureRow,
    "ReportedFigure",
    plural="reportedFigures",
    prefix="figure",
    about="A headline figure as its source reported it; never averaged or added across sources (angka acuan).",
    fields={
        ReportedFigureRow.value: "The figure as reported (nilai).",
        ReportedFigureRow.number: "The figure as a number, where it is one.",
        ReportedFigureRow.unit: "Unit (satuan).",
        ReportedFigureRow.as_of: "Date it speaks of, as exact as the source has it (per tanggal).",
        ReportedFigureRow.source: "Who reported it (sumber).",
        ReportedFigureRow.definition: "What it counts (definisi).",
        ReportedFigureRow.note: "Known contradictions and doubts (catatan).",
    },
)

FIGURE_CHECK = noun(
    FigureCheckRow,
    "FigureCheck",
    plural="figureChecks",
    about="A relation that should hold between reported figures (pemeriksaan).",
    fields={
        FigureCheckRow.formula: "The relation (rumus).",
        FigureCheckRow.outcome: "Both sides, computed (hasil).",
        FigureCheckRow.agrees: "Whether it holds (cocok).",
    },
)

FIGURE_MENTION = noun(
    FigureMentionRow,
    "FigureMention",
    plural="figureMentions",
    about="A reported figure's part in a check.",
    fields={},
)

KBLI_CODE = noun(
    KbliCodeRow,
    "KbliCode",
    plural="kbliCodes",
    prefix="kbli",
    about="A business field of one version of KBLI (Klasifikasi Baku Lapangan Usaha Indonesia).",
    fields={
        KbliCodeRow.version: "Version of the classification (versi).",
        KbliCodeRow.code: "Five digits, as text (kode).",
        KbliCodeRow.title: "Title (judul).",
        KbliCodeRow.section: "Section letter (kategori).",
    },
)
