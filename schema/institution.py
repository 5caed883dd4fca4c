"""Institutions: fund managers and fintechs."""

from models.institution import Accreditation as AccreditationRow
from models.institution import AccreditationItem as AccreditationItemRow
from models.institution import AccreditationRequirement as AccreditationRequirementRow
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
        AccreditationRow.stopped_on: "Day on which it was suspended, revoked or ended (berhenti pada).",
        AccreditationRow.decision: "Text of the decision (keputusan).",
    },
)

ACCREDITATION_REQUIREMENT = noun(
    AccreditationRequirementRow,
    "AccreditationRequirement",
    plural="accreditationRequirements",
    about="An item that form G asks of a kind of institution for a package (persyaratan).",
    fields={
        AccreditationRequirementRow.institution_kind: "Of whom it is asked (jenis lembaga).",
        AccreditationRequirementRow.package_kind: "For which package (jenis paket).",
        AccreditationRequirementRow.item: "The item (butir).",
        AccreditationRequirementRow.position: "Place in the form (urutan).",
        AccreditationRequirementRow.document_kind: "Kind of paper to hand in; empty for a field (jenis dokumen).",
        AccreditationRequirementRow.field: "Field of `updateInstitution` to fill in; empty for a paper.",
        AccreditationRequirementRow.text_indonesian: "What it is, in Indonesian (uraian).",
        AccreditationRequirementRow.text_english: "What it is, in English.",
        AccreditationRequirementRow.origin: "Whether the document asks for it or we propose it (asal).",
        AccreditationRequirementRow.source: "Document and paragraph (sumber).",
    },
)

ACCREDITATION_ITEM = noun(
    AccreditationItemRow,
    "AccreditationItem",
    plural="accreditationItems",
    about="An item of form G in one application; missing while it has no day (butir permohonan).",
    fields={
        AccreditationItemRow.item: "The item (butir).",
        AccreditationItemRow.met_on: "Since when it is there; empty while it is missing (dilengkapi pada).",
        AccreditationItemRow.file_sha256: "SHA-256 of the paper in hexadecimal digits (sidik berkas).",
        AccreditationItemRow.remark: "Why it was sent back (catatan).",
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
        AuditReportRow.version: "Version of the year's report, from 1 (versi).",
        AuditReportRow.replaced_on: "Day on which a newer version came; empty for the one that counts (diganti pada).",
        AuditReportRow.received_on: "Day it was received (diterima pada).",
        AuditReportRow.file_sha256: "SHA-256 of the file in hexadecimal digits (sidik berkas).",
    },
)
