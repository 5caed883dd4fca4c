"""Requests of persons about their own data, and breaches."""

from models.rights import Breach as BreachRow
from models.rights import RightsRequest as Row
from resolvers.catalogue import noun

RIGHTS_REQUEST = noun(
    Row,
    "RightsRequest",
    plural="rightsRequests",
    about="A person's request about the own data (permohonan subjek data).",
    fields={
        Row.region_code: "Kemendagri code of the kelurahan of the business, or of the home (kode wilayah).",
        Row.kind: "What is asked for (jenis permohonan).",
        Row.status: "State (status permohonan).",
        Row.requested_at: "When it was asked for (diajukan pada).",
        Row.due_at: "Until when it must be decided; a copy can be fetched until then (batas waktu).",
        Row.decided_at: "When it was decided (diputuskan pada).",
        Row.overdue_at: "When it was found to be late, if it was (terlambat pada).",
        Row.field: "What is to be corrected (data yang diperbaiki).",
        Row.proposed: "The proposed value, until it is decided (nilai usulan).",
        Row.reason: "Why the person asks (alasan pemohon).",
        Row.decision_reason: "Why it was decided so (alasan keputusan).",
        Row.kept_for: "Class of the reason for which the data are kept (golongan alasan penyimpanan).",
        Row.kept_until: "Day until which they are kept, where it is known (disimpan sampai).",
    },
)

BREACH = noun(
    BreachRow,
    "Breach",
    plural="breaches",
    about="A failure to protect personal data, with its notice (kegagalan pelindungan data pribadi).",
    fields={
        BreachRow.nature: "Its nature (sifat kegagalan).",
        BreachRow.affected: "Classes of data affected, divided by blanks (golongan data terdampak).",
        BreachRow.affected_persons: "How many persons, as far as known (jumlah orang terdampak).",
        BreachRow.known_at: "When it became known (diketahui pada).",
        BreachRow.due_at: "Until when it must be notified: 3 x 24 hours (batas pemberitahuan).",
        BreachRow.notified_at: "When it was notified (diberitahukan pada).",
        BreachRow.overdue_at: "When the notice was found to be late, if it was (terlambat pada).",
        BreachRow.notice: "Text of the notice in English.",
        BreachRow.notice_id: "Text of the notice in Indonesian (isi pemberitahuan).",
    },
)
