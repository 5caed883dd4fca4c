"""The links between nouns: to one over an own key, to many over the other's key."""

from __future__ import annotations

from collections.abc import Mapping

from models.account import RoleAssignment
from models.business import Business, Need, Permit
from models.collaboration import Collaboration, Pledge, PledgeNeed
from models.collaborator import Announcement, Prospect
from models.complaint import Complaint, FollowUp
from models.delivery import Attendance, Delivery, DeliveryRecipient, Document, TrainingSession, Validation
from models.discrepancy import Discrepancy
from models.finding import Finding, FindingStep
from models.guide import ArticleStep
from models.handover import Handover, HandoverLoan, OnwardAid
from models.institution import Accreditation, AccreditationItem, Agreement, AuditReport
from models.intake import IntakeApplication, IntakeStep, Recap
from models.loan import (
    Disbursement,
    EContract,
    Instalment,
    Loan,
    MentoringVisit,
    PeriodicReport,
    ProblemReport,
    Repayment,
)
from models.owner import Consent, Owner
from models.place import Place
from models.population import Population
from models.red_flag import RedFlag
from models.region import Region
from models.release import FigureMention
from models.rights import RightsRequest
from models.step import StepActor, StepForm
from models.webhook import WebhookDelivery
from resolvers.catalogue import Many, One, many, one

_IN = "Region it lies in (wilayah)."

ONES: Mapping[str, tuple[One, ...]] = {
    "Region": (
        one("parent", "Region", Region.parent_code, "The unit above it (induk)."),
        one("boundary", "Boundary", Region.code, "Its polygon, if there is one (batas)."),
    ),
    "Place": (one("region", "Region", Place.region_code, _IN),),
    "Population": (one("region", "Region", Population.region_code, "The kelurahan (wilayah)."),),
    "Owner": (one("region", "Region", Owner.region_code, _IN),),
    "RightsRequest": (
        one("owner", "Owner", RightsRequest.owner_id, "The person who asks (pemohon)."),
        one("recipient", "Recipient", RightsRequest.business_id, "The business it is about (UMKM)."),
    ),
    "Consent": (one("owner", "Owner", Consent.owner_id, "Who consented (pemilik)."),),
    "Recipient": (
        one("owner", "Owner", Business.owner_id, "The person behind it (pemilik)."),
        one("place", "Place", Business.place_id, "The site where it trades (lokasi)."),
        one("region", "Region", Business.region_code, _IN),
        one("verifiedBy", "UserAccount", Business.verified_by, "The officer who verified it (diverifikasi oleh)."),
        one("kbli", "KbliCode", Business.kbli_id, "Its business field in the version it was recorded with (KBLI)."),
    ),
    "Permit": (one("recipient", "Recipient", Permit.business_id, "The business (UMKM)."),),
    "Need": (
        one("recipient", "Recipient", Need.business_id, "The business that needs it (UMKM)."),
        one("place", "Place", Need.place_id, "The place that needs it (lokasi)."),
        one("region", "Region", Need.region_code, _IN),
    ),
    "Accreditation": (one("institution", "Institution", Accreditation.institution_id, "The institution (lembaga)."),),
    "AccreditationItem": (
        one("accreditation", "Accreditation", AccreditationItem.accreditation_id, "The application (akreditasi)."),
        one("institution", "Institution", AccreditationItem.institution_id, "The institution (lembaga)."),
    ),
    "Agreement": (one("institution", "Institution", Agreement.institution_id, "The institution (lembaga)."),),
    "AuditReport": (one("institution", "Institution", AuditReport.institution_id, "The institution (lembaga)."),),
    "Prospect": (
        one("collaborator", "Collaborator", Prospect.collaborator_id, "The candidate (calon donatur)."),
        one("event", "OutreachEvent", Prospect.outreach_event_id, "The forum that led to it (sosialisasi)."),
    ),
    "Announcement": (
        one("collaborator", "Collaborator", Announcement.collaborator_id, "The donor (kolaborator)."),
        one("prospect", "Prospect", Announcement.prospect_id, "The prospect that it became (prospek)."),
        one("officer", "UserAccount", Announcement.officer_id, "Who deals with it (petugas)."),
    ),
    "Collaboration": (
        one("collaborator", "Collaborator", Collaboration.collaborator_id, "The donor (kolaborator)."),
        one("distributor", "Institution", Collaboration.distributor_id, "Who distributes for the donor (penyalur)."),
        one("agreement", "Agreement", Collaboration.agreement_id, "The agreement of who distributes (PKS)."),
        one("region", "Region", Collaboration.region_code, _IN),
    ),
    "Pledge": (
        one("collaboration", "Collaboration", Pledge.collaboration_id, "The collaboration (kolaborasi)."),
        one("collaborator", "Collaborator", Pledge.collaborator_id, "The donor (kolaborator)."),
        one("need", "Need", Pledge.need_id, "The need it answers (kebutuhan)."),
        one("region", "Region", Pledge.region_code, _IN),
    ),
    "PledgeNeed": (
        one("pledge", "Pledge", PledgeNeed.pledge_id, "The pledge (komitmen)."),
        one("need", "Need", PledgeNeed.need_id, "The need that it meets (kebutuhan)."),
    ),
    "Delivery": (
        one("collaboration", "Collaboration", Delivery.collaboration_id, "The collaboration (kolaborasi)."),
        one("pledge", "Pledge", Delivery.pledge_id, "The pledge it fulfils (komitmen)."),
        one("collaborator", "Collaborator", Delivery.collaborator_id, "The donor (kolaborator)."),
        one("place", "Place", Delivery.place_id, "Where it was handed out (lokasi)."),
        one("storagePlace", "Place", Delivery.storage_place_id, "Where the goods lie until then (tempat penyimpanan)."),
        one("region", "Region", Delivery.region_code, _IN),
    ),
    "DeliveryRecipient": (
        one("delivery", "Delivery", DeliveryRecipient.delivery_id, "The delivery (realisasi)."),
        one("collaboration", "Collaboration", DeliveryRecipient.collaboration_id, "The collaboration (kolaborasi)."),
        one("recipient", "Recipient", DeliveryRecipient.business_id, "The business (UMKM)."),
        one("region", "Region", DeliveryRecipient.region_code, _IN),
    ),
    "TrainingSession": (
        one("delivery", "Delivery", TrainingSession.delivery_id, "The report it belongs to (realisasi)."),
    ),
    "Attendance": (
        one("session", "TrainingSession", Attendance.training_session_id, "The training (sesi)."),
        one("recipient", "Recipient", Attendance.business_id, "The business (UMKM)."),
        one("region", "Region", Attendance.region_code, _IN),
    ),
    "Document": (
        one("collaboration", "Collaboration", Document.collaboration_id, "The collaboration (kolaborasi)."),
        one("delivery", "Delivery", Document.delivery_id, "The delivery (realisasi)."),
        one("loan", "Loan", Document.loan_id, "The loan (pinjaman)."),
        one("accreditation", "Accreditation", Document.accreditation_id, "The accreditation (akreditasi)."),
        one("application", "IntakeApplication", Document.intake_application_id, "The intake file (usulan)."),
        one("handover", "Handover", Document.handover_id, "The handover of repaid money (serah terima dana)."),
        one("periodicReport", "PeriodicReport", Document.periodic_report_id, "The report (laporan berkala)."),
        one("uploadedBy", "UserAccount", Document.uploaded_by, "The user who uploaded it (pengunggah)."),
    ),
    "Validation": (
        one("delivery", "Delivery", Validation.delivery_id, "The delivery (realisasi)."),
        one("loan", "Loan", Validation.loan_id, "The loan (pinjaman)."),
        one("officer", "UserAccount", Validation.officer_id, "The officer who checked it (pendamping)."),
        one("region", "Region", Validation.region_code, _IN),
    ),
    "Loan": (
        one("collaboration", "Collaboration", Loan.collaboration_id, "The collaboration (kolaborasi)."),
        one("collaborator", "Collaborator", Loan.collaborator_id, "Whose money it is (donatur)."),
        one("fintech", "Institution", Loan.fintech_id, "Who lends it out (fintech)."),
        one("recipient", "Recipient", Loan.business_id, "The business (UMKM)."),
        one("fundManager", "Institution", Loan.fund_manager_id, "To whom the repaid money was handed (agregator)."),
        one("region", "Region", Loan.region_code, _IN),
    ),
    "EContract": (one("loan", "Loan", EContract.loan_id, "The loan (pinjaman)."),),
    "Disbursement": (
        one("loan", "Loan", Disbursement.loan_id, "The loan (pinjaman)."),
        one("fintech", "Institution", Disbursement.fintech_id, "Who paid it out (fintech)."),
    ),
    "Instalment": (
        one("loan", "Loan", Instalment.loan_id, "The loan (pinjaman)."),
        one("fintech", "Institution", Instalment.fintech_id, "Who collects it (fintech)."),
    ),
    "Repayment": (
        one("loan", "Loan", Repayment.loan_id, "The loan (pinjaman)."),
        one("fintech", "Institution", Repayment.fintech_id, "Who reported it (fintech)."),
        one("region", "Region", Repayment.region_code, _IN),
    ),
    "PeriodicReport": (one("fintech", "Institution", PeriodicReport.fintech_id, "Who reports (fintech)."),),
    "ProblemReport": (one("loan", "Loan", ProblemReport.loan_id, "The loan (pinjaman)."),),
    "MentoringVisit": (
        one("loan", "Loan", MentoringVisit.loan_id, "The loan (pinjaman)."),
        one("delivery", "Delivery", MentoringVisit.delivery_id, "The delivery (realisasi)."),
        one("officer", "UserAccount", MentoringVisit.officer_id, "The officer who came (pendamping)."),
        one("region", "Region", MentoringVisit.region_code, _IN),
    ),
    "Handover": (
        one("fintech", "Institution", Handover.fintech_id, "Who gives (fintech)."),
        one("fundManager", "Institution", Handover.fund_manager_id, "Who receives (agregator)."),
    ),
    "HandoverLoan": (
        one("handover", "Handover", HandoverLoan.handover_id, "The handover (serah terima)."),
        one("loan", "Loan", HandoverLoan.loan_id, "The loan (pinjaman)."),
    ),
    "OnwardAid": (
        one("handover", "Handover", OnwardAid.handover_id, "Where the money came from (serah terima)."),
        one("fintech", "Institution", OnwardAid.fintech_id, "Who had lent it out (fintech)."),
        one("fundManager", "Institution", OnwardAid.fund_manager_id, "Who gives (agregator)."),
    ),
    "Complaint": (
        one("collaboration", "Collaboration", Complaint.collaboration_id, "What it is about (kolaborasi)."),
        one("region", "Region", Complaint.region_code, _IN),
    ),
    "FollowUp": (
        one("complaint", "Complaint", FollowUp.complaint_id, "The complaint (pengaduan)."),
        one("region", "Region", FollowUp.region_code, _IN),
    ),
    "Discrepancy": (
        one("collaboration", "Collaboration", Discrepancy.collaboration_id, "The collaboration (kolaborasi)."),
        one("collaborator", "Collaborator", Discrepancy.collaborator_id, "The donor concerned (kolaborator)."),
        one("institution", "Institution", Discrepancy.institution_id, "The institution concerned (lembaga)."),
        one("loan", "Loan", Discrepancy.loan_id, "The loan concerned (pinjaman)."),
        one("handover", "Handover", Discrepancy.handover_id, "The handover concerned (serah terima)."),
        one("delivery", "Delivery", Discrepancy.delivery_id, "The delivery concerned (realisasi)."),
        one("report", "PeriodicReport", Discrepancy.periodic_report_id, "The report concerned (laporan berkala)."),
        one("otherInstitution", "Institution", Discrepancy.other_institution_id, "The other one concerned (lembaga)."),
    ),
    "RedFlag": (
        one("loan", "Loan", RedFlag.loan_id, "The loan (pinjaman)."),
        one("otherLoan", "Loan", RedFlag.other_loan_id, "The loan beside it (pinjaman lain)."),
        one("recipient", "Recipient", RedFlag.business_id, "The business (UMKM)."),
        one("delivery", "Delivery", RedFlag.delivery_id, "The delivery (realisasi)."),
        one("collaborator", "Collaborator", RedFlag.collaborator_id, "The donor (kolaborator)."),
        one("institution", "Institution", RedFlag.institution_id, "The fintech (lembaga)."),
        one("region", "Region", RedFlag.region_code, _IN),
    ),
    "Finding": (
        one("collaboration", "Collaboration", Finding.collaboration_id, "What it is about (kolaborasi)."),
        one("loan", "Loan", Finding.loan_id, "What it is about (pinjaman)."),
        one("complaint", "Complaint", Finding.complaint_id, "What it is about (pengaduan)."),
        one("institution", "Institution", Finding.institution_id, "The institution that is to answer (lembaga)."),
        one("collaborator", "Collaborator", Finding.collaborator_id, "The donor that is to answer (kolaborator)."),
        one("region", "Region", Finding.region_code, _IN),
    ),
    "FindingStep": (one("finding", "Finding", FindingStep.finding_id, "The finding (temuan)."),),
    "IntakeApplication": (
        one("recap", "Recap", IntakeApplication.recap_id, "The batch it was sent with (rekap)."),
        one("region", "Region", IntakeApplication.region_code, _IN),
    ),
    "IntakeStep": (
        one("application", "IntakeApplication", IntakeStep.intake_application_id, "The file (usulan)."),
        one("officer", "UserAccount", IntakeStep.officer_id, "The officer who moved it (petugas)."),
    ),
    "Recap": (one("region", "Region", Recap.region_code, _IN),),
    "WebhookDelivery": (
        one("subscription", "AgencySubscription", WebhookDelivery.subscription_id, "The webhook (langganan)."),
    ),
    "RoleAssignment": (one("user", "UserAccount", RoleAssignment.user_account_id, "The user (pengguna)."),),
    "FigureMention": (
        one("check", "FigureCheck", FigureMention.check_id, "The check (pemeriksaan)."),
        one("figure", "ReportedFigure", FigureMention.figure_id, "The figure (angka)."),
    ),
    "StepActor": (one("step", "Step", StepActor.step_code, "The step (langkah)."),),
    "StepForm": (one("step", "Step", StepForm.step_code, "The step (langkah)."),),
    "ArticleStep": (
        one("article", "GuideArticle", ArticleStep.article_id, "The article (artikel)."),
        one("step", "Step", ArticleStep.step_code, "The step (langkah)."),
    ),
}

MANIES: Mapping[str, tuple[Many, ...]] = {
    "Region": (
        many("children", "Region", Region.parent_code, "The units below it (bawahan)."),
        many("recipients", "Recipient", Business.region_code, "Businesses in it or in any region below it (UMKM)."),
        many("places", "Place", Place.region_code, "Sites in it or in any region below it (lokasi)."),
        many("populations", "Population", Population.region_code, "Inhabitants by year and kelurahan (penduduk)."),
    ),
    "Place": (
        many("needs", "Need", Need.place_id, "What it needs (kebutuhan)."),
        many("recipients", "Recipient", Business.place_id, "Businesses that trade there (UMKM)."),
    ),
    "Owner": (
        many("recipients", "Recipient", Business.owner_id, "The owner's businesses (UMKM)."),
        many("consents", "Consent", Consent.owner_id, "What the owner consented to (persetujuan)."),
    ),
    "Recipient": (
        many("permits", "Permit", Permit.business_id, "Its permits (izin)."),
        many("needs", "Need", Need.business_id, "What it needs (kebutuhan)."),
        many("received", "DeliveryRecipient", DeliveryRecipient.business_id, "What it received (penerimaan)."),
        many("attendances", "Attendance", Attendance.business_id, "Trainings it was invited to (kehadiran)."),
        many("loans", "Loan", Loan.business_id, "Its loans (pinjaman)."),
    ),
    "Institution": (
        many("accreditations", "Accreditation", Accreditation.institution_id, "Its accreditations (akreditasi)."),
        many("agreements", "Agreement", Agreement.institution_id, "Its agreements with DKI (PKS)."),
        many("auditReports", "AuditReport", AuditReport.institution_id, "Its audited reports (laporan audit)."),
        many(
            "collaborations", "Collaboration", Collaboration.distributor_id, "Collaborations through it (kolaborasi)."
        ),
        many("loans", "Loan", Loan.fintech_id, "Loans it lends out (pinjaman)."),
        many("handoversGiven", "Handover", Handover.fintech_id, "Money it gave on (serah terima)."),
        many("handoversReceived", "Handover", Handover.fund_manager_id, "Money it received (serah terima)."),
        many("onwardAids", "OnwardAid", OnwardAid.fund_manager_id, "Aid it gave from repaid money (penyaluran ulang)."),
        many("periodicReports", "PeriodicReport", PeriodicReport.fintech_id, "Its periodic reports (laporan berkala)."),
        many("discrepancies", "Discrepancy", Discrepancy.institution_id, "Discrepancies that concern it (selisih)."),
    ),
    "Collaborator": (
        many(
            "collaborations", "Collaboration", Collaboration.collaborator_id, "The donor's collaborations (kolaborasi)."
        ),
        many("prospects", "Prospect", Prospect.collaborator_id, "How the donor was met (prospek)."),
        many("announcements", "Announcement", Announcement.collaborator_id, "What it told the PIC (pemberitahuan)."),
        many("loans", "Loan", Loan.collaborator_id, "Loans of the donor's money (pinjaman)."),
    ),
    "Collaboration": (
        many("pledges", "Pledge", Pledge.collaboration_id, "What was promised (komitmen)."),
        many("deliveries", "Delivery", Delivery.collaboration_id, "What was delivered (realisasi)."),
        many("received", "DeliveryRecipient", DeliveryRecipient.collaboration_id, "Who received it (penerima)."),
        many("loans", "Loan", Loan.collaboration_id, "Loans in it (pinjaman)."),
        many("documents", "Document", Document.collaboration_id, "Evidence (dokumen)."),
        many("complaints", "Complaint", Complaint.collaboration_id, "Complaints about it (pengaduan)."),
        many("discrepancies", "Discrepancy", Discrepancy.collaboration_id, "Discrepancies in it (selisih)."),
    ),
    "Need": (many("pledges", "Pledge", Pledge.need_id, "Pledges that answer it (komitmen)."),),
    "Pledge": (
        many("needs", "PledgeNeed", PledgeNeed.pledge_id, "What it took of which needs (kebutuhan)."),
        many("deliveries", "Delivery", Delivery.pledge_id, "What was delivered of it (realisasi)."),
    ),
    "Delivery": (
        many("recipients", "DeliveryRecipient", DeliveryRecipient.delivery_id, "Who received a share (penerima)."),
        many("sessions", "TrainingSession", TrainingSession.delivery_id, "Trainings held (sesi pelatihan)."),
        many("documents", "Document", Document.delivery_id, "Evidence (dokumen)."),
        many("validations", "Validation", Validation.delivery_id, "Checks by officers (validasi)."),
        many("mentoringVisits", "MentoringVisit", MentoringVisit.delivery_id, "Visits (pendampingan)."),
    ),
    "TrainingSession": (many("attendances", "Attendance", Attendance.training_session_id, "Who came (kehadiran)."),),
    "Loan": (
        many("contracts", "EContract", EContract.loan_id, "E-contracts (e-contract)."),
        many("disbursements", "Disbursement", Disbursement.loan_id, "Payments to the business (pencairan)."),
        many("instalments", "Instalment", Instalment.loan_id, "What is due (angsuran)."),
        many("repayments", "Repayment", Repayment.loan_id, "What was paid back (pembayaran)."),
        many("problemReports", "ProblemReport", ProblemReport.loan_id, "Reports of trouble (kendala)."),
        many("documents", "Document", Document.loan_id, "Evidence (dokumen)."),
        many("validations", "Validation", Validation.loan_id, "Checks by officers (validasi)."),
        many("mentoringVisits", "MentoringVisit", MentoringVisit.loan_id, "Visits (pendampingan)."),
        many("discrepancies", "Discrepancy", Discrepancy.loan_id, "Discrepancies about it (selisih)."),
        many("redFlags", "RedFlag", RedFlag.loan_id, "What should be looked at (tanda bahaya)."),
    ),
    "Handover": (
        many("loans", "HandoverLoan", HandoverLoan.handover_id, "The loans in it (pinjaman)."),
        many("onwardAids", "OnwardAid", OnwardAid.handover_id, "What was given from it (penyaluran ulang)."),
        many("discrepancies", "Discrepancy", Discrepancy.handover_id, "Discrepancies about it (selisih)."),
        many("documents", "Document", Document.handover_id, "Evidence (dokumen)."),
    ),
    "PeriodicReport": (many("documents", "Document", Document.periodic_report_id, "Evidence (dokumen)."),),
    "Complaint": (many("followUps", "FollowUp", FollowUp.complaint_id, "What was done (tindak lanjut)."),),
    "Accreditation": (
        many("documents", "Document", Document.accreditation_id, "What was handed in (berkas)."),
        many("items", "AccreditationItem", AccreditationItem.accreditation_id, "What form G asks for (butir)."),
    ),
    "OutreachEvent": (many("prospects", "Prospect", Prospect.outreach_event_id, "Whom one met there (prospek)."),),
    "Agreement": (
        many("collaborations", "Collaboration", Collaboration.agreement_id, "What was committed by it (kolaborasi)."),
    ),
    "Finding": (many("steps", "FindingStep", FindingStep.finding_id, "What was done (tindak lanjut)."),),
    "IntakeApplication": (
        many("steps", "IntakeStep", IntakeStep.intake_application_id, "Its way so far (riwayat)."),
        many("documents", "Document", Document.intake_application_id, "Its papers (berkas)."),
    ),
    "Recap": (many("files", "IntakeApplication", IntakeApplication.recap_id, "The files in it (usulan)."),),
    "AgencySubscription": (
        many("deliveries", "WebhookDelivery", WebhookDelivery.subscription_id, "What was sent (pengiriman)."),
    ),
    "UserAccount": (many("roles", "RoleAssignment", RoleAssignment.user_account_id, "Roles (peran)."),),
    "ReportedFigure": (
        many("mentions", "FigureMention", FigureMention.figure_id, "Checks it takes part in (pemeriksaan)."),
    ),
    "FigureCheck": (many("mentions", "FigureMention", FigureMention.check_id, "Figures it relates (angka)."),),
    "Step": (
        many("actors", "StepActor", StepActor.step_code, "Who acts (pelaku)."),
        many("forms", "StepForm", StepForm.step_code, "Forms that are filled in (formulir)."),
        many("articles", "ArticleStep", ArticleStep.step_code, "What the guide says about it (panduan)."),
    ),
    "GuideArticle": (many("steps", "ArticleStep", ArticleStep.article_id, "Steps it helps with (langkah)."),),
}
