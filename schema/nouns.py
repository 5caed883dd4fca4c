"""The whole catalogue: every noun, every link."""

from __future__ import annotations

from resolvers.catalogue import Catalogue
from schema.account import ROLE_ASSIGNMENT, USER_ACCOUNT
from schema.business import NEED, PERMIT, RECIPIENT
from schema.collaboration import COLLABORATION, PLEDGE, PLEDGE_NEED
from schema.collaborator import ANNOUNCEMENT, COLLABORATOR, OFFICE_CONTACT, OUTREACH_EVENT, PROSPECT
from schema.complaint import COMPLAINT, FOLLOW_UP
from schema.delivery import ATTENDANCE, DELIVERY, DELIVERY_RECIPIENT, DOCUMENT, TRAINING_SESSION, VALIDATION
from schema.discrepancy import DISCREPANCY
from schema.finding import FINDING, FINDING_STEP
from schema.guide import ARTICLE_STEP, GUIDE_ARTICLE
from schema.handover import HANDOVER, HANDOVER_LOAN, ONWARD_AID
from schema.institution import (
    ACCREDITATION,
    ACCREDITATION_ITEM,
    ACCREDITATION_REQUIREMENT,
    AGREEMENT,
    AUDIT_REPORT,
    INSTITUTION,
)
from schema.intake import INTAKE_APPLICATION, INTAKE_STEP, RECAP
from schema.links import MANIES, ONES
from schema.loan import (
    DISBURSEMENT,
    E_CONTRACT,
    INSTALMENT,
    LOAN,
    MENTORING_VISIT,
    PERIODIC_REPORT,
    PROBLEM_REPORT,
    REPAYMENT,
)
from schema.owner import CONSENT, OWNER
from schema.place import PLACE
from schema.red_flag import RED_FLAG
from schema.region import BOUNDARY, POPULATION, REGION
from schema.release import FIGURE_CHECK, FIGURE_MENTION, KBLI_CODE, RELEASE, REPORTED_FIGURE
from schema.reveal import REVEAL
from schema.rights import BREACH, RIGHTS_REQUEST
from schema.sekda_report import SEKDA_REPORT
from schema.step import STEP, STEP_ACTOR, STEP_FORM
from schema.webhook import SUBSCRIPTION, WEBHOOK_DELIVERY

_NOUNS = (
    REGION,
    BOUNDARY,
    PLACE,
    INSTITUTION,
    ACCREDITATION,
    ACCREDITATION_REQUIREMENT,
    ACCREDITATION_ITEM,
    AGREEMENT,
    AUDIT_REPORT,
    COLLABORATOR,
    PROSPECT,
    OUTREACH_EVENT,
    ANNOUNCEMENT,
    OFFICE_CONTACT,
    COLLABORATION,
    PLEDGE,
    PLEDGE_NEED,
    DELIVERY,
    DELIVERY_RECIPIENT,
    TRAINING_SESSION,
    ATTENDANCE,
    DOCUMENT,
    VALIDATION,
    RECIPIENT,
    OWNER,
    CONSENT,
    PERMIT,
    NEED,
    LOAN,
    E_CONTRACT,
    DISBURSEMENT,
    INSTALMENT,
    REPAYMENT,
    PERIODIC_REPORT,
    PROBLEM_REPORT,
    MENTORING_VISIT,
    HANDOVER,
    HANDOVER_LOAN,
    ONWARD_AID,
    COMPLAINT,
    FOLLOW_UP,
    DISCREPANCY,
    FINDING,
    FINDING_STEP,
    RED_FLAG,
    INTAKE_APPLICATION,
    INTAKE_STEP,
    RECAP,
    USER_ACCOUNT,
    ROLE_ASSIGNMENT,
    SUBSCRIPTION,
    WEBHOOK_DELIVERY,
    RELEASE,
    REPORTED_FIGURE,
    FIGURE_CHECK,
    FIGURE_MENTION,
    KBLI_CODE,
    STEP,
    STEP_ACTOR,
    STEP_FORM,
    GUIDE_ARTICLE,
    ARTICLE_STEP,
    SEKDA_REPORT,
    RIGHTS_REQUEST,
    REVEAL,
    BREACH,
    POPULATION,
)

CATALOGUE = Catalogue({noun.name: noun for noun in _NOUNS}, ONES, MANIES)

FIELDS = {f"{noun.name}.{a.name}": a.column for noun in _NOUNS for a in noun.attributes}
"""The columns behind all fields, by the name that people say, such as `Owner.name`."""
