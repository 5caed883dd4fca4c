"""Collaborations and pledges."""

from models.collaboration import Collaboration as Row
from models.collaboration import Pledge as PledgeRow
from models.collaboration import PledgeNeed as PledgeNeedRow
from resolvers.catalogue import noun

COLLABORATION = noun(
    Row,
    "Collaboration",
    plural="collaborations",
    about="A collaboration of a donor with the city (kolaborasi).",
    fields={
        Row.number: "Collaboration ID with check character, e.g. KSBB-UMK-2020-7K3M9K (ID kolaborasi).",
        Row.title: "What it is, in one line (judul).",
        Row.programme: "Programme (program).",
        Row.package_kind: "Kind of help (jenis paket).",
        Row.collaborator_kind: "Kind of donor (jenis kolaborator).",
        Row.region_code: "Kemendagri code of its region (kode wilayah).",
        Row.status: "State; of loan collaborations the public sees no more than that it was confirmed (status).",
        Row.created_on: "Day it was drafted (dibuat pada).",
        Row.number_issued_on: "Day the collaboration ID was issued (ID terbit pada).",
        Row.closed_on: "Day it was closed (ditutup pada).",
        Row.pledged_value: "Pledged value in whole rupiah (nilai komitmen).",
        Row.status_reason: "Reason of a rejection or cancellation (alasan).",
    },
)

PLEDGE = noun(
    PledgeRow,
    "Pledge",
    plural="pledges",
    about="A promise of aid with form A or B (komitmen).",
    fields={
        PledgeRow.region_code: "Kemendagri code of the region (kode wilayah).",
        PledgeRow.version: "Version; editing an accepted pledge makes a new one (versi).",
        PledgeRow.package_kind: "Kind of help (jenis paket).",
        PledgeRow.item: "Goods, training or loans pledged (barang atau pelatihan).",
        PledgeRow.quantity: "How many are pledged (jumlah).",
        PledgeRow.delivered_quantity: "How many were delivered (jumlah terealisasi).",
        PledgeRow.estimated_value: "Estimated value in whole rupiah (nilai perkiraan).",
        PledgeRow.starts_on: "First day of the schedule (jadwal mulai).",
        PledgeRow.ends_on: "Last day of the schedule (jadwal selesai).",
        PledgeRow.expires_on: "Day on which it expires without delivery (kedaluwarsa).",
        PledgeRow.status: "State of the pledge (status komitmen).",
        PledgeRow.form: "Form A or B as it was filled in, JSON as text (isi Formulir Konfirmasi).",
    },
)

PLEDGE_NEED = noun(
    PledgeNeedRow,
    "PledgeNeed",
    plural="pledgeNeeds",
    about="What an accepted pledge took of a need (kebutuhan dalam komitmen).",
    fields={PledgeNeedRow.quantity: "How many (jumlah)."},
)
