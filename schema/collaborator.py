"""Collaborators: the donors."""

from models.collaborator import Collaborator as Row
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
