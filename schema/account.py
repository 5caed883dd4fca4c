"""Users and what they may do."""

from models.account import RoleAssignment as RoleAssignmentRow
from models.account import UserAccount as Row
from resolvers.catalogue import noun

USER_ACCOUNT = noun(
    Row,
    "UserAccount",
    plural="userAccounts",
    about="A person who logs in (pengguna).",
    fields={
        Row.login: "Login name (nama pengguna).",
        Row.name: "Name of the person (nama).",
        Row.active: "Whether the account may log in (aktif).",
        Row.created_on: "Day it was made (dibuat pada).",
    },
)

ROLE_ASSIGNMENT = noun(
    RoleAssignmentRow,
    "RoleAssignment",
    plural="roleAssignments",
    about="A role of a user, with agency and area (peran).",
    fields={
        RoleAssignmentRow.role: "Role (peran).",
        RoleAssignmentRow.agency: "Agency (instansi).",
        RoleAssignmentRow.region_code: "Kemendagri code of the area (kode wilayah).",
        RoleAssignmentRow.from_on: "First day (mulai).",
        RoleAssignmentRow.until_on: "Last day, if it ended (sampai).",
    },
)
