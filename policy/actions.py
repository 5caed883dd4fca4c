"""Who may do what: command -> roles. What is not named here is refused; guards and state machines narrow it further.

Source: DOMAIN sections 2, 3 and 7, from Instruksi Sekda DKI 56/2020 (Lampiran I and II) and the PAIS UMi SOP.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.vocabulary import Actor
from policy.viewer import Agency, Role, Viewer

_FINTECH = frozenset({Role.FINTECH})
_FUND_MANAGER = frozenset({Role.AGREGATOR})
_OWNERS = frozenset({Role.KOLABORATOR, Role.AGREGATOR})
_BODIES = frozenset({Role.AGREGATOR, Role.FINTECH})
_PARTIES = _OWNERS | _FINTECH
_BUREAU = frozenset({Role.BIRO_KSD})
_INTAKE = frozenset({Role.PETUGAS_INTAKE})
_DESK = frozenset({Role.BIRO_KSD, Role.DINAS})
_FILES_FORMS = frozenset(
    {
        *(Role.KOLABORATOR, Role.AGREGATOR, Role.FINTECH, Role.PENDAMPING, Role.DINAS),
        *(Role.WILAYAH, Role.BIRO_KSD, Role.PETUGAS_INTAKE),
    }
)
_HANDLERS = frozenset({Role.DINAS, Role.WILAYAH, Role.INSPEKTORAT})
_PUBLISHERS = frozenset({Role.ADMIN, Role.DISKOMINFOTIK})
_SUBSCRIBERS = _PARTIES | {Role.DINAS, Role.WILAYAH, Role.BIRO_KSD, Role.INSPEKTORAT, Role.DISKOMINFOTIK}

MAY: Mapping[str, frozenset[Role]] = {
    # the directory of institutions
    "RegisterInstitution": _BUREAU,
    "UpdateInstitution": _BODIES,
    # accreditation (Lampiran I no. 5-7): institutions apply for themselves, the bureau decides
    "ApplyForAccreditation": _BODIES,
    "CompleteAccreditation": _BODIES,
    "ReturnAccreditation": _BUREAU,
    "ReviewAccreditation": _BUREAU,
    "AssessAccreditation": _BUREAU,
    "SignAgreement": _BUREAU,
    "RenewAgreement": _BUREAU,
    "SuspendAccreditation": _BUREAU,
    "ResumeAccreditation": _BUREAU,
    "RevokeAccreditation": _BUREAU,
    # outreach and donors (Lampiran I no. 3-4, Lampiran II C)
    "RegisterCollaborator": _DESK | _BODIES,  # forms A and B need a registered donor
    "UpdateCollaborator": frozenset({Role.KOLABORATOR}),
    "RecordOutreachEvent": _DESK,
    "RecordProspect": _DESK,
    "AnnounceLargeDonation": frozenset({Role.KOLABORATOR}),
    "AssignAnnouncement": _BUREAU,
    "AnswerAnnouncement": _BUREAU,
    "PublishOfficeContact": _BUREAU,
    # complaints (pengaduan): anybody files and reopens, the agency and the heads of the area work on them
    "FileComplaint": frozenset(Role),
    "ReopenComplaint": frozenset(Role),
    "VerifyComplaint": _HANDLERS,
    "ForwardComplaint": _HANDLERS,
    "FollowUpComplaint": _HANDLERS,
    "ResolveComplaint": _HANDLERS,
    "RejectComplaint": _HANDLERS,
    "TakeOverComplaint": frozenset({Role.INSPEKTORAT}),
    "TrackComplaint": frozenset(Role),
    # findings (KESATU a): the inspectorate records and closes, the body concerned answers
    "RecordFinding": frozenset({Role.INSPEKTORAT}),
    "AnswerFinding": _PARTIES | {Role.DINAS, Role.WILAYAH, Role.BIRO_KSD},
    "CloseFinding": frozenset({Role.INSPEKTORAT}),
    "ReopenFinding": frozenset({Role.INSPEKTORAT}),
    # pledges of goods and training (Lampiran II A-C)
    "SubmitPledge": _OWNERS | _BUREAU,
    "RevisePledge": _OWNERS,
    "WithdrawPledge": _OWNERS,
    "CancelCollaboration": _PARTIES | {Role.BIRO_KSD},
    # their delivery (form C, Lampiran II B4; steps 13 to 17 of Lampiran I are a reconstruction)
    "PlanDelivery": _OWNERS,
    "CallOffDelivery": _OWNERS,
    "OfferStorage": frozenset({Role.WILAYAH}),
    "ReportDelivery": _OWNERS,
    "ResubmitDelivery": _OWNERS,
    "RecordAttendance": _OWNERS,
    "ValidateDelivery": frozenset({Role.PENDAMPING}),
    "ReturnDelivery": frozenset({Role.PENDAMPING}),
    "ReverseDelivery": _OWNERS | {Role.BIRO_KSD},
    "CompleteCollaboration": frozenset({Role.BIRO_KSD}),
    "RecordMentoringVisit": frozenset({Role.PENDAMPING}),
    # loans before the money flows (Lampiran I no. 19-22)
    "RecommendLoan": frozenset({Role.DINAS}),
    "RecommendLoans": frozenset({Role.DINAS}),
    "OverrideLoanAmount": frozenset({Role.BIRO_KSD}),
    "ConsentToScreening": frozenset({Role.UMKM, Role.PENDAMPING}),
    "ScreenLoan": _FINTECH,
    "OfferLoan": _FINTECH,
    "ScreenOutLoan": _FINTECH,
    "CancelLoan": frozenset({Role.FINTECH, Role.UMKM}),
    "SubmitLoanPledge": _FINTECH,
    "ConfirmCollaboration": _DESK,
    "RejectCollaboration": _DESK,
    "SignEContract": _FINTECH,
    # the money goes out and comes back (Lampiran I no. 22-25)
    "DisburseLoan": _FINTECH,
    "ReportBouncedTransfer": _FINTECH,
    "ValidateDisbursement": frozenset({Role.PENDAMPING}),
    "RecordRepayment": _FINTECH,
    "SubmitPeriodicReport": _FINTECH,
    "ReverseRepayment": _FINTECH,
    "ReportLoanProblem": _FINTECH,
    "DeclareDefault": _FINTECH,
    "ResumeLoan": _FINTECH,
    "RestructureLoan": _FINTECH,
    "ProposeWriteOff": _FINTECH,
    "WriteOffLoan": frozenset({Role.BIRO_KSD}),
    # and goes on (Lampiran I no. 26)
    "SendHandover": _FINTECH,
    "ConfirmHandover": _FUND_MANAGER,
    "DisputeHandover": _FUND_MANAGER,
    "RecordOnwardAid": _FUND_MANAGER,
    # audited reports (Lampiran I no. 27)
    "SubmitAuditReport": _FINTECH,
    # discrepancies (Lampiran I no. 27)
    "NotifyDiscrepancy": frozenset({Role.BIRO_KSD}),
    "ExplainDiscrepancy": _PARTIES,
    "ReportCorrection": _PARTIES,
    "SettleDiscrepancy": frozenset({Role.BIRO_KSD, Role.INSPEKTORAT}),
    # monitoring and evaluation, and the report to the Sekda (KESATU k, KEENAM)
    "MeasureIndicators": frozenset({Role.BIRO_KSD, Role.INSPEKTORAT, Role.DINAS}),
    "FixSekdaReport": frozenset({Role.BIRO_KSD, Role.DISKOMINFOTIK}),
    # red flags (our proposal beside no. 27)
    "DismissRedFlag": frozenset({Role.BIRO_KSD, Role.INSPEKTORAT}),
    # clear values for a while (DESIGN section 5): who reads them masked, and a second officer for many
    "RevealFields": frozenset({Role.INSPEKTORAT}),
    "ApproveReveal": frozenset({Role.INSPEKTORAT}),
    # consent of the person (UU 27/2022)
    "GiveConsent": frozenset({Role.UMKM}),
    "WithdrawConsent": frozenset({Role.UMKM}),
    # requests of the person: only the data steward, who sees no person, carries an erasure out (DESIGN section 5)
    "RequestAccessExport": frozenset({Role.UMKM}),
    "RequestCorrection": frozenset({Role.UMKM}),
    "RequestErasure": frozenset({Role.UMKM}),
    "WithdrawRightsRequest": frozenset({Role.UMKM}),
    "DecideCorrection": frozenset({Role.DINAS, Role.PENDAMPING}),
    "CarryOutErasure": frozenset({Role.DISKOMINFOTIK}),
    # breaches (UU 27/2022, art. 46)
    "RecordBreach": frozenset({Role.ADMIN, Role.DISKOMINFOTIK}),
    "RecordBreachNotice": frozenset({Role.ADMIN, Role.DISKOMINFOTIK}),
    # open data: the data steward and PPID, and who keeps the installation (decision 0019)
    "PublishRelease": _PUBLISHERS,
    "WithdrawRelease": _PUBLISHERS,
    "ApproveRelease": frozenset({Role.DISKOMINFOTIK}),
    # users: the steward (our proposal)
    "RevokeApiKey": frozenset({Role.ADMIN}),
    "RegisterUser": frozenset({Role.ADMIN}),
    "DeactivateUser": frozenset({Role.ADMIN}),
    "AssignRole": frozenset({Role.ADMIN}),
    "EndRole": frozenset({Role.ADMIN}),
    "RevokeTokens": frozenset({Role.ADMIN}),
    # targets (KESATU d and e, Lampiran I no. 1)
    "VerifyBusiness": frozenset({Role.DINAS, Role.PENDAMPING}),
    "RegisterNeed": frozenset({Role.DINAS, Role.PENDAMPING, Role.WILAYAH}),
    "CloseNeed": frozenset({Role.DINAS, Role.PENDAMPING, Role.WILAYAH}),
    "RegisterPlace": frozenset({Role.DINAS}),
    # the intake chain for the national grant (PAIS UMi SOP, part D)
    "ReceiveApplication": _INTAKE,
    "CompleteApplication": _INTAKE,
    "ForwardApplications": _INTAKE,
    "ReturnApplication": _INTAKE,
    "RejectApplication": _INTAKE,
    "CompileRecap": _INTAKE,
    "RecordGrantPayments": _INTAKE,
    # webhooks (our proposal): of agencies and bodies, for their own
    "RegisterWebhook": _SUBSCRIBERS,
    "ChangeWebhook": _SUBSCRIBERS,
    "RotateWebhookSecret": _SUBSCRIBERS,
    "PingWebhook": _SUBSCRIBERS,
    "ReplayWebhook": _SUBSCRIBERS,
    "RedeliverWebhook": _SUBSCRIBERS,
    "RemoveWebhook": _SUBSCRIBERS,
    # evidence (bukti): whoever files forms
    "RequestUpload": _FILES_FORMS,
}
"""By the name of the command."""


READS_ORIGINALS = frozenset({Role.PENDAMPING, Role.DINAS, Role.BIRO_KSD, Role.INSPEKTORAT, Role.PETUGAS_INTAKE})
"""Who checks evidence: of a photo they get the file as it was sent; everybody else gets a copy of its pixels."""


_BESIDE = frozenset(Agency) - {Agency.DINAS_PPKUKM}

BESIDE_PPKUKM: Mapping[str, frozenset[Agency]] = {
    "VerifyBusiness": _BESIDE,
    "RegisterNeed": _BESIDE,
    "CloseNeed": _BESIDE,
}
"""Of what DINAS may do, what the agencies beside DINAS_PPKUKM may too (KESATU e.1, f); all else is its alone."""


def may_do(command: str, role: Role) -> bool:
    """Whether a role may give a command at all."""
    return role in MAY.get(command, frozenset())


def may_give(command: str, viewer: Viewer) -> bool:
    """Whether a viewer may give a command: as its role, and as the agency that DINAS stands for in its case."""
    if not may_do(command, viewer.role):
        return False
    if viewer.role is not Role.DINAS or viewer.agency is Agency.DINAS_PPKUKM or may_do(command, Role.PUBLIK):
        return True
    return viewer.agency in BESIDE_PPKUKM.get(command, frozenset())


def actor_of(viewer: Viewer) -> Actor:
    """The actor of the state machines that a viewer speaks for; DINAS of no agency speaks for nobody but itself."""
    if viewer.role is not Role.DINAS:
        return Actor[viewer.role.value]
    match viewer.agency:
        case None:
            return Actor.PUBLIK
        case Agency.DINAS_PPKUKM | Agency.PMPTSP:
            return Actor[viewer.agency.value]
        case _:
            return Actor.OPD_PEMBINA
