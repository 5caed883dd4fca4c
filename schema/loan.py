"""Capital loans from proposal to last repayment."""

from models.loan import Disbursement as DisbursementRow
from models.loan import EContract as EContractRow
from models.loan import Instalment as InstalmentRow
from models.loan import Loan as Row
from models.loan import MentoringVisit as MentoringVisitRow
from models.loan import PeriodicReport as PeriodicReportRow
from models.loan import ProblemReport as ProblemReportRow
from models.loan import Repayment as RepaymentRow
from resolvers.catalogue import noun

LOAN = noun(
    Row,
    "Loan",
    plural="loans",
    about="A capital loan from a donor through a fintech to a business (pinjaman modal).",
    measures="LoanMeasures",
    fields={
        Row.region_code: "Kemendagri code of the business's kelurahan (kode wilayah).",
        Row.principal: "Amount lent in whole rupiah; in steps of Rp 5 million where generalised (pokok pinjaman).",
        Row.admin_fee: "Administration fee in whole rupiah (biaya administrasi).",
        Row.origination_fee: "Origination fee in whole rupiah (biaya originasi).",
        Row.insurance_premium: "Insurance premium in whole rupiah (premi asuransi).",
        Row.tenor_months: "Months to repay (tenor).",
        Row.amount_rule: "Version of the rule on the amount (versi aturan plafon).",
        Row.status: "State of the loan (status pinjaman).",
        Row.stage: "Coarse form of the state: before disbursement, disbursed, ended without (tahap).",
        Row.ever_defaulted: "Whether it was ever in default (pernah gagal bayar).",
        Row.proposed_on: "Day it was proposed (diusulkan pada).",
        Row.consented_on: "Day the owner consented to the screening (persetujuan penyaringan).",
        Row.default_proposed_on: "Day the system proposed a default, after 90 days past due (usul gagal bayar).",
        Row.akad_on: "Day for which the signing of the contracts is planned (jadwal akad).",
        Row.disbursed_on: "Day the money was paid out (dicairkan pada).",
        Row.repaid_on: "Day it was repaid in full (lunas pada).",
        Row.status_reason: "Reason of a refusal, cancellation or write-off (alasan).",
        Row.amount_reason: "Why the amount lies outside the rule, if it does (alasan pengecualian plafon).",
    },
)

E_CONTRACT = noun(
    EContractRow,
    "EContract",
    plural="eContracts",
    about="An electronic contract of one party (e-contract).",
    fields={
        EContractRow.party: "Who signed (pihak).",
        EContractRow.signed_at: "When it was signed (ditandatangani).",
        EContractRow.sha256: "SHA-256 of the file in hexadecimal digits (sidik berkas).",
    },
)

DISBURSEMENT = noun(
    DisbursementRow,
    "Disbursement",
    plural="disbursements",
    about="Money paid out to the business; a reversal is negative (pencairan).",
    fields={
        DisbursementRow.disbursed_on: "Day of the transfer (tanggal cair).",
        DisbursementRow.amount: "Amount in whole rupiah (nilai).",
        DisbursementRow.invoice: "Number of the proof (nomor invoice).",
        DisbursementRow.reported_at: "When it was reported (dilaporkan pada).",
    },
)

INSTALMENT = noun(
    InstalmentRow,
    "Instalment",
    plural="instalments",
    about="What is due on a day (angsuran).",
    measures="InstalmentMeasures",
    fields={
        InstalmentRow.schedule: "Number of the schedule; a restructuring makes a new one (jadwal ke).",
        InstalmentRow.effective_on: "Day from which the schedule holds, if not the first (berlaku mulai).",
        InstalmentRow.number: "Number within the schedule (angsuran ke).",
        InstalmentRow.due_on: "Day it is due (jatuh tempo).",
        InstalmentRow.principal: "Principal due in whole rupiah (pokok).",
        InstalmentRow.other: "Other amounts due in whole rupiah (lain-lain).",
    },
)

REPAYMENT = noun(
    RepaymentRow,
    "Repayment",
    plural="repayments",
    about="Principal paid back; a reversal is negative (pembayaran).",
    fields={
        RepaymentRow.paid_on: "Day of the payment (tanggal bayar).",
        RepaymentRow.amount: "Amount in whole rupiah (nilai).",
        RepaymentRow.invoice: "Number of the proof (nomor invoice).",
        RepaymentRow.reported_at: "When it was reported (dilaporkan pada).",
        RepaymentRow.reporting_lag_days: "Days between payment and report (jeda pelaporan).",
        RepaymentRow.reason: "Reason of a reversal (alasan pembalikan).",
    },
)

PERIODIC_REPORT = noun(
    PeriodicReportRow,
    "PeriodicReport",
    plural="periodicReports",
    about="A fintech's report of one period (laporan berkala).",
    fields={
        PeriodicReportRow.period: "Period as YYYYMM (periode).",
        PeriodicReportRow.rows: "Number of repayments in it (jumlah baris).",
        PeriodicReportRow.total: "Total in whole rupiah (total).",
        PeriodicReportRow.received_at: "When it was received (diterima pada).",
        PeriodicReportRow.file_sha256: "SHA-256 of the file in hexadecimal digits (sidik berkas).",
    },
)

PROBLEM_REPORT = noun(
    ProblemReportRow,
    "ProblemReport",
    plural="problemReports",
    about="A report that a loan is in trouble (kendala).",
    fields={
        ProblemReportRow.reported_on: "Day of the report (tanggal).",
        ProblemReportRow.reason: "Reason (alasan).",
        ProblemReportRow.action: "What is done about it (tindakan).",
    },
)

MENTORING_VISIT = noun(
    MentoringVisitRow,
    "MentoringVisit",
    plural="mentoringVisits",
    about="An officer's visit to an owner (pendampingan).",
    fields={
        MentoringVisitRow.region_code: "Kemendagri code of the kelurahan (kode wilayah).",
        MentoringVisitRow.visited_on: "Day of the visit (tanggal).",
        MentoringVisitRow.outcome: "Outcome (hasil).",
    },
)
