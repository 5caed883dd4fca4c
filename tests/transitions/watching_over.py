"""What performs the steps of everything that no money hangs on."""

from __future__ import annotations

from tests.transitions.performed import does

_OF_KIND = "exists (select from ksbb.institution i where i.id = t.institution_id and i.kind = '{}')"
_LACKING = "update ksbb.accreditation_item set met_on = null, file_sha256 = null where accreditation_id = $1"
ACCREDITATION = (
    *does("ApplyForAccreditation", "accreditation", "-", "DIAJUKAN", "AGREGATOR FINTECH", first="RegisterInstitution"),
    *does("ReturnAccreditation", "accreditation", "DIAJUKAN", "KURANG_LENGKAP", "BIRO_KSD"),
    *(
        one
        for kind in ("AGREGATOR", "FINTECH")
        for one in does(
            "CompleteAccreditation",
            "accreditation",
            "KURANG_LENGKAP",
            "DIAJUKAN",
            kind,
            ready=_LACKING,
            accreditation=_OF_KIND.format(kind),
        )
    ),
    *does("ReviewAccreditation", "accreditation", "DIAJUKAN", "DITINJAU", "BIRO_KSD"),
    *does("AssessAccreditation", "accreditation", "DITINJAU", "TIDAK_MEMENUHI", "BIRO_KSD"),
    *does("AssessAccreditation", "accreditation", "DITINJAU", "PEMBAHASAN_PKS", "BIRO_KSD"),
    *does("SignAgreement", "accreditation", "PEMBAHASAN_PKS", "AKTIF", "BIRO_KSD"),
    *does("SuspendAccreditation", "accreditation", "AKTIF", "DIBEKUKAN", "BIRO_KSD"),
    *does("ResumeAccreditation", "accreditation", "DIBEKUKAN", "AKTIF", "BIRO_KSD"),
    *does(
        "accreditations ended",
        "accreditation",
        "AKTIF DIBEKUKAN",
        "BERAKHIR",
        "SISTEM",
        ready="update ksbb.agreement set starts_on = date '2021-01-01', ends_on = date '2022-01-01' where"
        " institution_id = (select institution_id from ksbb.accreditation where id = $1)",
    ),
    *does("RevokeAccreditation", "accreditation", "AKTIF DIBEKUKAN", "DICABUT", "BIRO_KSD"),
)

ANNOUNCEMENT = (
    *does("AnnounceLargeDonation", "announcement", "-", "DIAJUKAN", "KOLABORATOR"),
    *does("AssignAnnouncement", "announcement", "DIAJUKAN", "DITUGASKAN", "BIRO_KSD"),
    *does("AnswerAnnouncement", "announcement", "DIAJUKAN DITUGASKAN", "DIJAWAB", "BIRO_KSD"),
)

_HANDLERS = "DINAS_PPKUKM WILAYAH INSPEKTORAT"
_FREE = "t.assigned_agency is distinct from 'INSPEKTORAT'"
COMPLAINT = (
    *does("FileComplaint", "complaint", "-", "DITERIMA", "PUBLIK"),
    *does("VerifyComplaint", "complaint", "DITERIMA", "DIVERIFIKASI", _HANDLERS, complaint=_FREE),
    *does("ForwardComplaint", "complaint", "DIVERIFIKASI", "DITERUSKAN", _HANDLERS, complaint=_FREE),
    *does("FollowUpComplaint", "complaint", "DITERUSKAN DIBUKA_KEMBALI", "DITINDAKLANJUTI", _HANDLERS, complaint=_FREE),
    *does("ResolveComplaint", "complaint", "DITINDAKLANJUTI DIBUKA_KEMBALI", "SELESAI", _HANDLERS, complaint=_FREE),
    *does(
        "RejectComplaint",
        "complaint",
        "DIVERIFIKASI DITERUSKAN DITINDAKLANJUTI DIBUKA_KEMBALI",
        "DITOLAK",
        _HANDLERS,
        complaint=_FREE,
    ),
    *does("ReopenComplaint", "complaint", "SELESAI", "DIBUKA_KEMBALI", "PUBLIK"),
)

_PARTIES = "KOLABORATOR AGREGATOR FINTECH"
DISCREPANCY = (
    *does("discrepancies opened", "discrepancy", "-", "TERDETEKSI", "SISTEM"),
    *does("discrepancies told", "discrepancy", "TERDETEKSI", "DIBERITAHUKAN", "SISTEM"),
    *does("NotifyDiscrepancy", "discrepancy", "TERDETEKSI", "DIBERITAHUKAN", "BIRO_KSD"),
    *does("ExplainDiscrepancy", "discrepancy", "DIBERITAHUKAN", "DIJELASKAN", _PARTIES),
    *does("ReportCorrection", "discrepancy", "DIBERITAHUKAN", "DIKOREKSI", _PARTIES),
    *does(
        "discrepancies that agree again",
        "discrepancy",
        "DIBERITAHUKAN",
        "DIKOREKSI",
        "SISTEM",
        ready="update ksbb.discrepancy set agreed_on = null, measure = 'PENCAIRAN',"
        " loan_id = gen_random_uuid() where id = $1",
    ),
    *does("SettleDiscrepancy", "discrepancy", "DIJELASKAN DIKOREKSI DIESKALASI", "DITERIMA", "BIRO_KSD INSPEKTORAT"),
    *does(
        "discrepancies escalated",
        "discrepancy",
        "TERDETEKSI DIBERITAHUKAN DIJELASKAN DIKOREKSI",
        "DIESKALASI",
        "SISTEM",
        ready="update ksbb.discrepancy set detected_on = date '2021-11-01' where id = $1",
    ),
)

_ANSWERS = {
    "KOLABORATOR": "institution_id = null, collaborator_id = (select id from ksbb.collaborator order by id limit 1)",
    "AGREGATOR": "institution_id = (select id from ksbb.institution where kind = 'AGREGATOR' order by id limit 1)",
    "FINTECH": "institution_id = (select id from ksbb.institution where kind = 'FINTECH' order by id limit 1)",
    "DINAS_PPKUKM": "institution_id = null",
    "WILAYAH": "institution_id = null, region_code = '31.73.03.1008'",
    "BIRO_KSD": "institution_id = null",
}
FINDING = (
    *does("RecordFinding", "finding", "-", "TERBUKA", "INSPEKTORAT"),
    *(
        one
        for body, of in _ANSWERS.items()
        for one in does(
            "AnswerFinding",
            "finding",
            "TERBUKA DIBUKA_KEMBALI",
            "DIJAWAB",
            body,
            ready=f"update ksbb.finding set assigned_agency = '{body}', {of} where id = $1",
        )
    ),
    *does("CloseFinding", "finding", "DIJAWAB", "SELESAI", "INSPEKTORAT"),
    *does("ReopenFinding", "finding", "DIJAWAB SELESAI", "DIBUKA_KEMBALI", "INSPEKTORAT"),
)

RED_FLAG = (
    *does("red flags raised", "red_flag", "-", "TERBUKA", "SISTEM", first="delete from ksbb.red_flag"),
    *does("DismissRedFlag", "red_flag", "TERBUKA", "DIKESAMPINGKAN", "BIRO_KSD INSPEKTORAT"),
)

_LEVEL = """update ksbb.intake_application set level = case status when 'DIKIRIM_DINAS' then 'DINAS_KABUPATEN'
    when 'DIKIRIM_PROVINSI' then 'DINAS_PROVINSI' when 'DIKIRIM_KEMENTERIAN' then 'KEMENTERIAN'
    when 'TERVALIDASI' then 'KEMENTERIAN' when 'DIKIRIM_CAMAT' then 'KECAMATAN' when 'DIREKAP' then 'KECAMATAN'
    else 'DESA' end where id = $1"""
_DESK = "PETUGAS_INTAKE"
_I = "intake_application"
INTAKE = (
    *does("ReceiveApplication", _I, "-", "DITERIMA_DESA", _DESK),
    *does("ReceiveApplication", _I, "DITERIMA_DESA", "DILENGKAPI", _DESK),
    *does("CompleteApplication", _I, "DILENGKAPI", "DITERIMA_DESA", _DESK),
    *does("ForwardApplications", _I, "DITERIMA_DESA", "DIKIRIM_CAMAT", _DESK, ready=_LEVEL),
    *does("CompileRecap", _I, "DIKIRIM_CAMAT", "DIREKAP", _DESK),
    *does("ForwardApplications", _I, "DIREKAP", "DIKIRIM_DINAS", _DESK, ready=_LEVEL),
    *does("ForwardApplications", _I, "DIKIRIM_DINAS", "DIKIRIM_PROVINSI", _DESK, ready=_LEVEL),
    *does("ForwardApplications", _I, "DIKIRIM_PROVINSI", "DIKIRIM_KEMENTERIAN", _DESK, ready=_LEVEL),
    *does("ForwardApplications", _I, "DIKIRIM_KEMENTERIAN", "TERVALIDASI", _DESK, ready=_LEVEL),
    *does("RecordGrantPayments", _I, "TERVALIDASI", "DICAIRKAN", _DESK),
    *does("ReturnApplication", _I, "DIKIRIM_CAMAT", "DITERIMA_DESA", _DESK, ready=_LEVEL),
    *does("ReturnApplication", _I, "DIREKAP", "DIKIRIM_CAMAT", _DESK, ready=_LEVEL),
    *does("ReturnApplication", _I, "DIKIRIM_DINAS", "DIREKAP", _DESK, ready=_LEVEL),
    *does("ReturnApplication", _I, "DIKIRIM_PROVINSI", "DIKIRIM_DINAS", _DESK, ready=_LEVEL),
    *does("ReturnApplication", _I, "DIKIRIM_KEMENTERIAN", "DIKIRIM_PROVINSI", _DESK, ready=_LEVEL),
    *does(
        "RejectApplication",
        _I,
        "DITERIMA_DESA DIKIRIM_CAMAT DIREKAP DIKIRIM_DINAS DIKIRIM_PROVINSI DIKIRIM_KEMENTERIAN TERVALIDASI DILENGKAPI",
        "DITOLAK",
        _DESK,
        ready=_LEVEL,
    ),
)

_ASKED = "t.kind = 'PERBAIKAN' and t.proposed is not null"
RIGHTS_REQUEST = (
    *does("RequestErasure", "rights_request", "-", "DIAJUKAN", "UMKM"),
    *does("RequestAccessExport", "rights_request", "DIAJUKAN", "DIPENUHI", "SISTEM"),
    *does(
        "DecideCorrection",
        "rights_request",
        "DIAJUKAN",
        "DIPENUHI",
        "PENDAMPING DINAS_PPKUKM",
        first="RequestCorrection",
        rights_request=_ASKED,
    ),
    *does(
        "DecideCorrection",
        "rights_request",
        "DIAJUKAN",
        "DITOLAK",
        "PENDAMPING DINAS_PPKUKM",
        first="RequestCorrection",
        rights_request=_ASKED,
    ),
    *does("CarryOutErasure", "rights_request", "DIAJUKAN", "DIPENUHI", "DISKOMINFOTIK"),
    *does("CarryOutErasure", "rights_request", "DIAJUKAN", "DITOLAK", "DISKOMINFOTIK"),
    *does("WithdrawRightsRequest", "rights_request", "DIAJUKAN", "DITARIK", "UMKM"),
)
