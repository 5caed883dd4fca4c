"""The PAIS UMi intake chain."""

from models.intake import IntakeApplication as Row
from models.intake import IntakeStep as IntakeStepRow
from models.intake import Recap as RecapRow
from resolvers.catalogue import noun

INTAKE_APPLICATION = noun(
    Row,
    "IntakeApplication",
    plural="intakeApplications",
    about="A trader's file for the national BPUM grant (usulan BPUM).",
    fields={
        Row.number: "Number of the file (nomor usulan).",
        Row.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        Row.level: "Level at which the file lies (tingkat).",
        Row.status: "State (status usulan).",
        Row.business_field: "Field of business (bidang usaha).",
        Row.applicant_name: "Name of the applicant (pemohon).",
        Row.applicant_phone: "Telephone of the applicant.",
        Row.applicant_address: "Address of the applicant (alamat).",
        Row.nik: "Population number of the applicant (NIK).",
        Row.family_card: "Family card number of the applicant (nomor KK).",
        Row.permit_number: "NIB, or number of the business letter (NIB atau SKU).",
        Row.received_on: "Day it was received (diterima pada).",
        Row.paid_on: "Day the grant was paid (tanggal pencairan).",
        Row.return_reason: "Why it was sent back (alasan pengembalian).",
    },
)

RECAP = noun(
    RecapRow,
    "Recap",
    plural="recaps",
    about="A frozen batch of files of one kecamatan (rekap kecamatan).",
    fields={
        RecapRow.region_code: "Kemendagri code of the kecamatan (kode wilayah).",
        RecapRow.level: "Level that made it (tingkat).",
        RecapRow.version: "Version (versi).",
        RecapRow.applications: "Number of files (jumlah usulan).",
        RecapRow.frozen_on: "Day it was frozen (dibekukan pada).",
        RecapRow.file_sha256: "SHA-256 of the files in it as they were frozen, by number (sidik rekap).",
    },
)

INTAKE_STEP = noun(
    IntakeStepRow,
    "IntakeStep",
    plural="intakeSteps",
    about="One move of a file on its way to the ministry (riwayat usulan).",
    fields={
        IntakeStepRow.from_status: "State before; empty when it came in (status sebelum).",
        IntakeStepRow.to_status: "State after (status sesudah).",
        IntakeStepRow.level: "Level at which the file lies after it (tingkat).",
        IntakeStepRow.at: "When it happened (waktu).",
        IntakeStepRow.reason: "Why, where a reason was given (alasan).",
    },
)
