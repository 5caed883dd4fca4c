"""Files that cannot be read at all: nothing of them is kept, and the sentence says what to do."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import KsbbError

SITUATIONS: Mapping[str, tuple[str, str]] = {
    "BERKAS_TAK_TERBUKA": ("The file cannot be opened.", "Berkas tidak dapat dibuka."),
    "BERKAS_KOSONG": ("The file is empty. Export it again.", "Berkas kosong. Ekspor ulang."),
    "BERKAS_TANPA_BARIS": (
        "The file has a header and no rows. Export it again.",
        "Berkas hanya berisi judul kolom. Ekspor ulang.",
    ),
    "BERKAS_XLS_LAMA": (
        "This is the old spreadsheet format (.xls) or an encrypted file. Save it as .xlsx or CSV without a password.",
        "Ini format lembar kerja lama (.xls) atau berkas terkunci. Simpan sebagai .xlsx atau CSV tanpa sandi.",
    ),
    "BERKAS_NUL": (
        "The file holds NUL bytes: it is no CSV in UTF-8, or it is damaged. Save it as CSV in UTF-8 or as .xlsx.",
        "Berkas berisi byte NUL: bukan CSV UTF-8, atau rusak. Simpan sebagai CSV UTF-8 atau .xlsx.",
    ),
    "HURUF_TAK_TERBACA": (
        "The file is neither UTF-8 nor Windows-1252. Save it as CSV in UTF-8.",
        "Berkas bukan UTF-8 maupun Windows-1252. Simpan sebagai CSV UTF-8.",
    ),
    "BARIS_TERLALU_PANJANG": (
        "A line is longer than 262,144 characters. Check line ends and quotes.",
        "Ada baris lebih dari 262.144 karakter. Periksa akhir baris dan tanda kutip.",
    ),
    "KUTIP_RUSAK": (
        "A quote is not closed, or stands inside a cell. Save the file from a spreadsheet again.",
        "Tanda kutip tidak ditutup, atau berada di tengah sel. Simpan ulang dari lembar kerja.",
    ),
    "JUDUL_TERLALU_LEBAR": (
        "The header has more than 200 columns. Keep those that are asked for.",
        "Judul memiliki lebih dari 200 kolom. Sisakan yang diminta.",
    ),
    "XLSX_RUSAK": ("This .xlsx cannot be read. Save it again.", "Berkas .xlsx ini tidak terbaca. Simpan ulang."),
    "XLSX_TERLALU_BESAR": (
        "This .xlsx unpacks to more than it should. Save the sheet as CSV in UTF-8.",
        "Berkas .xlsx ini mengembang terlalu besar. Simpan lembarnya sebagai CSV UTF-8.",
    ),
}


class UnreadableFile(KsbbError):
    """A file of which nothing was read or kept; `code` names the situation, `row` where it was met, 0 if nowhere."""

    code = "UNREADABLE_FILE"

    def __init__(self, situation: str, *, row: int = 0) -> None:
        english, indonesian = SITUATIONS[situation]
        at, di = (f"Row {row}: ", f"Baris {row}: ") if row else ("", "")
        super().__init__(f"{at}{english}\n{di}{indonesian}", situation=situation, row=row)
        self.code = situation
        self.indonesian = di + indonesian


class ColumnsMissing(KsbbError):
    """A header that lacks columns that the kind needs."""

    code = "COLUMNS_MISSING"

    def __init__(self, kind: str, groups: list[tuple[str, ...]]) -> None:
        asked = "; ".join(" / ".join(group) for group in groups)
        self.indonesian = f"Baris pertama harus memuat judul kolom. Tidak ada: {asked}. Lihat docs/imports.md ({kind})."
        super().__init__(
            f"The first row must name the columns. Missing: {asked}. See docs/imports.md ({kind}).\n{self.indonesian}",
            missing=groups,
        )
