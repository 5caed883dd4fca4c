"""Reported figures: as their sources said them, with what contradicts them; never averaged, never added."""

from __future__ import annotations

from models.release import ReportedFigure
from policy.published_facts import CHECKED
from publishing.dataset import Facts, Label, derived, keep

DATASET = Facts(
    name="angka_acuan",
    view="reported_figure",
    title=Label("Angka acuan", "Reported figures"),
    description=Label(
        "Angka tentang program menurut sumbernya, dengan tanggal, definisi, dan pertentangannya dengan angka lain. "
        "Bukan hasil hitung dari data lain dalam paket ini.",
        "Figures on the programme as their sources reported them, with date, definition, and what contradicts them. "
        "Not computed from other data of this package.",
    ),
    grain=Label("satu baris per angka yang dilaporkan", "one row per reported figure"),
    cadence=Label("saat berubah", "on change"),
    source=Label("Sumber masing-masing ada di kolom sumber", "The source of each figure stands in the column sumber"),
    known_gaps=Label(
        "Angka dari sumber yang berbeda menghitung hal yang berbeda: jangan dijumlahkan atau dirata-ratakan. Uraian "
        "hanya dalam bahasa Indonesia, seperti di sumbernya.",
        "Figures of different sources count different things: do not add or average them. Their texts are in "
        "Indonesian only, as in the source.",
    ),
    time_reference=Label("waktu pada per_tanggal", "time of per_tanggal"),
    identified_by=[
        keep(
            ReportedFigure.id,
            "id_angka",
            Label("ID angka", "Figure ID"),
            concept="Angka yang dilaporkan",
            definition=Label("Nama tetap angka ini.", "Stable name of the figure."),
            pattern="^[a-z][a-z0-9_]*$",
            hxl="#indicator+code",
        )
    ],
    facts=[
        keep(
            ReportedFigure.value,
            "nilai",
            Label("Nilai menurut sumber", "Value as reported"),
            concept="Angka yang dilaporkan",
            definition=Label("Nilai seperti tertulis di sumber.", "The value as the source wrote it."),
            hxl="#indicator+value",
        ),
        keep(
            ReportedFigure.number,
            "angka",
            Label("Nilai sebagai bilangan", "Value as a number"),
            concept="Angka yang dilaporkan",
            definition=Label("Kosong bila nilai bukan satu bilangan.", "Empty where the value is not one number."),
            required=False,
            hxl="#indicator+num",
        ),
        keep(
            ReportedFigure.unit,
            "satuan",
            Label("Satuan", "Unit"),
            concept="Satuan angka",
            definition=Label("Apa yang dihitung.", "What is counted."),
            hxl="#indicator+unit",
        ),
        keep(
            ReportedFigure.as_of,
            "per_tanggal",
            Label("Per tanggal", "As of"),
            concept="Waktu angka",
            definition=Label(
                "Hari (YYYY-MM-DD), bulan, atau tahun; kosong bila sumber tidak menyebut.",
                "A day (YYYY-MM-DD), month or year; empty where the source does not say.",
            ),
            required=False,
            hxl="#date",
        ),
        keep(
            ReportedFigure.source,
            "sumber",
            Label("Sumber", "Source"),
            concept="Sumber angka",
            definition=Label("Siapa yang melaporkan, dan kapan.", "Who reported it, and when."),
            hxl="#meta+source",
        ),
        keep(
            ReportedFigure.definition,
            "definisi",
            Label("Definisi", "Definition"),
            concept="Definisi angka",
            definition=Label("Apa yang dimaksud sumber.", "What the source means."),
            hxl="#indicator+name",
        ),
        keep(
            ReportedFigure.note,
            "catatan",
            Label("Catatan", "Note"),
            concept="Catatan atas angka",
            definition=Label("Catatan kami, bukan dari sumber.", "Our note, not of the source."),
            required=False,
            hxl="#description",
        ),
        derived(
            "state",
            "hasil_pemeriksaan",
            Label("Hasil pemeriksaan", "Outcome of the checks"),
            concept="Kecocokan dengan angka lain",
            definition=Label(
                "SESUAI: semua cocok; BERTENTANGAN: ada yang tidak; TIDAK_DIPERIKSA: tidak ada pemeriksaan.",
                "SESUAI: all checks agree; BERTENTANGAN: one does not; TIDAK_DIPERIKSA: there is no check.",
            ),
            allowed=CHECKED,
        ),
        derived(
            "contradictions",
            "pertentangan",
            Label("Pertentangan", "Contradictions"),
            concept="Pertentangan dengan angka lain",
            definition=Label(
                "Hubungan yang seharusnya berlaku, dan hasilnya; kosong bila tidak ada pertentangan.",
                "Relations that should hold, and what came of them; empty where nothing contradicts.",
            ),
            required=False,
        ),
    ],
)
