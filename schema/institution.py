"""Institutions: fund managers and fintechs."""

from models.institution import Accreditation as AccreditationRow
from models.institution import Agreement as AgreementRow
from models.institution import AuditReport as AuditReportRow
from models.institution import Institution as Row
from resolvers.catalogue import noun

INSTITUTION = noun(
    Row,
    "Institution",
    plural="institutions",
    about="A fund manager or fintech (lembaga).",
    fields={
        Row.kind: "Fund manager or fintech (jenis lembaga).",
        Row.name: "Name (nama lembaga).",
        Row.legal_form: "Legal form (bentuk hukum).",
        Row.permit_number: "Number of its permit (nomor izin).",
        Row.regulator: "Authority that supervises it (regulator).",
        Row.tax_number: "Tax number of the body (NPWP lembaga).",
        Row.account: "Account that takes donations (rekening).",
        Row.email: "E-mail of the body (surel).",
        Row.phone: "Telephone of the body (telepon).",
        Row.contact_person: "Name of its contact person (narahubung).",
    },
)

ACCREDITATION = noun(
    AccreditationRow,
    "Accreditation",
    plural="accreditations",
    about="The accreditation of an institution for one package (akreditasi).",
    fields={
        AccreditationRow.package_kind: "Package it is for (jenis paket).",
        AccreditationRow.status: "State of the accreditation (status).",
        AccreditationRow.applied_on: "Day of application (diajukan pada).",
        AccreditationRow.decided_on: "Day of the decision (diputuskan pada).",
        AccreditationRow.decision: "Text of the decision (keputusan).",
    },
)

AGREEMENT = noun(
    AgreementRow,
    "Agreement",
    plural="agreements",
    about="A cooperation agreement with DKI Jakarta (PKS).",
    fields={
        AgreementRow.number: "Number of the agreement (nomor PKS).",
        AgreementRow.starts_on: "First day (mulai).",
        AgreementRow.ends_on: "Last day (berakhir).",
        AgreementRow.file_sha256: "SHA-256 of the file in hexadecimal digits (sidik berkas).",
    },
)

AUDIT_REPORT = noun(
    AuditReportRow,
    "AuditReport",
    plural="auditReports",
    about="The audited report of all activities of a fintech in a year (laporan audit).",
    fields={
        AuditReportRow.year: "Year reported on (tahun).",
        AuditReportRow.auditor: "Who audited (auditor).",
        AuditReportRow.received_on: "Day it was received (diterima pada).",
        AuditReportRow.file_sha256: "SHA-256 of the file in hexadecimal digits (sidik berkas).",
    },
)
