"""Owners of businesses and their consents."""

from models.owner import Consent as ConsentRow
from models.owner import Owner as Row
from resolvers.catalogue import noun

OWNER = noun(
    Row,
    "Owner",
    plural="owners",
    about="The person behind a business (pelaku usaha).",
    fields={
        Row.name: "Name of the owner (nama pemilik).",
        Row.phone: "Telephone (telepon).",
        Row.sex: "Sex as the NIK tells it (jenis kelamin).",
        Row.nik: "Population number (NIK), clear or the last four digits by role.",
        Row.family_card: "Family card number (nomor KK), clear or the last four digits by role.",
        Row.born_on: "Date of birth; its year only where masked (tanggal lahir).",
        Row.address: "Home address (alamat).",
        Row.region_code: "Kemendagri code of the kelurahan of the home (kode wilayah).",
    },
)

CONSENT = noun(
    ConsentRow,
    "Consent",
    plural="consents",
    about="A dated, revocable, purpose-bound permission of an owner (persetujuan).",
    fields={
        ConsentRow.purpose: "What was consented to (tujuan).",
        ConsentRow.given_on: "Day it was given (diberikan pada).",
        ConsentRow.withdrawn_on: "Day it was withdrawn, if it was (ditarik pada).",
        ConsentRow.note: "Remark (catatan).",
    },
)
