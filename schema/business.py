"""Businesses of the registry: a recipient once it received something."""

from models.business import Business as Row
from models.business import Need as NeedRow
from models.business import Permit as PermitRow
from resolvers.catalogue import noun

RECIPIENT = noun(
    Row,
    "Recipient",
    plural="recipients",
    about="A micro, small or medium business of the registry (UMKM); `hasReceived` tells whether help came.",
    fields={
        Row.trade_name: "Name under which it trades (nama usaha).",
        Row.region_code: "Kemendagri code of the kelurahan, or a coarser one where generalised (kode wilayah).",
        Row.point: "Position as GeoJSON point; the centre of the kelurahan where generalised (titik).",
        Row.address: "Address of the business (alamat usaha).",
        Row.kbli_code: "Business field, five digits; read with `kbliVersion` (KBLI).",
        Row.kbli_version: "Version of the KBLI code: 2017, 2020 or 2025.",
        Row.kbli_section: "Section letter of the KBLI code (kategori KBLI).",
        Row.scale: "Size class (skala usaha).",
        Row.scale_rule: "Rule that the size class follows (versi aturan skala).",
        Row.assets: "Assets in whole rupiah (aset).",
        Row.yearly_turnover: "Turnover of a year in whole rupiah (omzet per tahun).",
        Row.supervising_agency: "Agency that fosters the business (OPD pembina).",
        Row.jakpreneur_stage: "Stage in Jakpreneur, P1 to P7 (tahap).",
        Row.photo: "Photo of the business, where consented (foto).",
        Row.affected: "Affected by the pandemic (terdampak).",
        Row.verified_on: "Day on which an agency verified it (diverifikasi pada).",
        Row.source: "Where the record comes from (sumber).",
        Row.status: "Status in the registry (status UMKM).",
        Row.registered_on: "Day of registration (terdaftar pada).",
        Row.listed: "Whether the owner consented to be listed in public (tampil di publik).",
        Row.has_received: "Whether it received goods or a training; loans do not count (pernah menerima).",
    },
)

PERMIT = noun(
    PermitRow,
    "Permit",
    plural="permits",
    about="A business permit (izin).",
    fields={
        PermitRow.kind: "Kind of permit (jenis izin).",
        PermitRow.number: "Number as issued (nomor izin).",
        PermitRow.issued_by: "Issuing office (penerbit).",
        PermitRow.issued_on: "Day of issue (terbit).",
        PermitRow.valid_until: "Last day of validity, if limited (berlaku sampai).",
        PermitRow.jakpreneur: "Whether issued within Jakpreneur (binaan Jakpreneur).",
    },
)

NEED = noun(
    NeedRow,
    "Need",
    plural="needs",
    about="What a business or a place needs (kebutuhan, target).",
    fields={
        NeedRow.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        NeedRow.package_kind: "Kind of help (jenis paket).",
        NeedRow.item: "Goods or training needed (barang atau pelatihan).",
        NeedRow.quantity: "How many are needed (jumlah).",
        NeedRow.pledged_quantity: "How many are pledged (jumlah dijanjikan).",
        NeedRow.estimated_value: "Estimated value in whole rupiah (nilai perkiraan).",
        NeedRow.period: "Period as YYYYMM (periode).",
        NeedRow.open: "Whether it still takes pledges (terbuka).",
        NeedRow.closed_on: "Day on which an officer closed it; it is not opened again (ditutup).",
        NeedRow.note: "Remark (catatan).",
    },
)
