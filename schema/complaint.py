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
        Row.forward_due_at: "By when it is to be routed (batas waktu diteruskan).",
        Row.due_at: "By when the next step is due; empty when closed. Before now: overdue (batas waktu).",
        Row.overdue_since: "The due instant that passed, once that was announced (terlambat sejak).",
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
        FollowUpRow.due_at: "By when the step after it is due; empty when closed (batas waktu berikutnya).",
        FollowUpRow.note: "Remark (catatan).",
    },
)
