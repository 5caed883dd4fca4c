"""Complaints and their follow-up."""

from models.complaint import Complaint as Row
from models.complaint import FollowUp as FollowUpRow
from resolvers.catalogue import noun

COMPLAINT = noun(
    Row,
    "Complaint",
    plural="complaints",
    about="A complaint about the programme (pengaduan).",
    fields={
        Row.received_at: "When it came in (masuk).",
        Row.category: "What it is about (kategori).",
        Row.region_code: "Kemendagri code of the place (kode wilayah).",
        Row.assigned_agency: "Agency it was routed to (instansi).",
        Row.status: "State (status pengaduan).",
        Row.forwarded_at: "When it was routed (diteruskan pada).",
        Row.closed_at: "When it was closed (selesai pada).",
        Row.text: "What was written (isi pengaduan).",
        Row.reporter_name: "Name of the complainant (pelapor).",
        Row.reporter_contact: "How to reach the complainant (kontak pelapor).",
    },
)

FOLLOW_UP = noun(
    FollowUpRow,
    "FollowUp",
    plural="followUps",
    about="One step taken on a complaint (tindak lanjut).",
    fields={
        FollowUpRow.taken_at: "When it was taken (waktu).",
        FollowUpRow.status: "State after the step (status).",
        FollowUpRow.note: "Remark (catatan).",
    },
)
