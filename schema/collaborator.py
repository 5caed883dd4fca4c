"""Collaborators: the donors, how they are met, and how the programme is reached."""

from models.collaborator import Announcement as AnnouncementRow
from models.collaborator import Collaborator as Row
from models.collaborator import OfficeContact as OfficeContactRow
from models.collaborator import OutreachEvent as OutreachEventRow
from models.collaborator import Prospect as ProspectRow
from resolvers.catalogue import noun

COLLABORATOR = noun(
    Row,
    "Collaborator",
    plural="collaborators",
    about="A donor: company, institution, community or person (kolaborator).",
    fields={
        Row.kind: "Kind of donor (jenis kolaborator).",
        Row.name: 'Name; "Perorangan" or "Anonim" where the donor is not named (nama).',
        Row.contact_name: "Name of the donor's contact (narahubung).",
        Row.contact_phone: "Telephone of the donor's contact.",
        Row.joined_on: "Day of joining (bergabung pada).",
    },
)

PROSPECT = noun(
    ProspectRow,
    "Prospect",
    plural="prospects",
    about="A candidate donor met at a forum (prospek).",
    fields={
        ProspectRow.forum: "Where they met (forum).",
        ProspectRow.met_on: "Day of the meeting (tanggal).",
        ProspectRow.recommended: "Whether Tim Prospektor recommends it (rekomendasi).",
        ProspectRow.note: "Remark (catatan).",
    },
)

OUTREACH_EVENT = noun(
    OutreachEventRow,
    "OutreachEvent",
    plural="outreachEvents",
    about="A forum at which plans were presented to donors (sosialisasi).",
    fields={
        OutreachEventRow.kind: "Kind of event (jenis).",
        OutreachEventRow.title: "What it was called (judul).",
        OutreachEventRow.held_on: "Day (tanggal).",
        OutreachEventRow.place: "Where it was held (tempat).",
        OutreachEventRow.donors: "How many donors and candidates came (kolaborator hadir).",
        OutreachEventRow.businesses: "How many business owners came (UMKM hadir).",
        OutreachEventRow.officials: "How many officials came (aparat hadir).",
        OutreachEventRow.note: "Remark (catatan).",
    },
)

ANNOUNCEMENT = noun(
    AnnouncementRow,
    "Announcement",
    plural="announcements",
    about="What a very large donor tells the PIC KSBB before it pledges (pemberitahuan).",
    fields={
        AnnouncementRow.package_kind: "Kind of help it thinks of (jenis paket).",
        AnnouncementRow.estimated_value: "About how much, in whole rupiah (nilai perkiraan).",
        AnnouncementRow.announced_on: "Day of the announcement (tanggal).",
        AnnouncementRow.status: "State (status).",
        AnnouncementRow.answered_on: "Day of the answer (dijawab pada).",
        AnnouncementRow.text: "What the donor wrote (isi).",
        AnnouncementRow.answer: "What the PIC KSBB answered (jawaban).",
    },
)

OFFICE_CONTACT = noun(
    OfficeContactRow,
    "OfficeContact",
    plural="officeContacts",
    about="How an office of the programme is reached, such as the PIC KSBB (kontak kantor).",
    fields={
        OfficeContactRow.actor: "Which part it has in the programme; BIRO_KSD is the PIC KSBB (peran).",
        OfficeContactRow.office: "Name of the office (kantor).",
        OfficeContactRow.email: "E-mail of the office (surel).",
        OfficeContactRow.phone: "Telephone of the office (telepon).",
        OfficeContactRow.updated_on: "Day on which it was told last (diperbarui pada).",
    },
)
