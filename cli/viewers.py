"""Who asks: the viewer that the options of a command describe."""

from __future__ import annotations

import asyncio
import os

from cli.answer import note
from kernel.errors import BadInput
from kernel.settings import Settings
from policy.viewer import SCOPE_OF, Agency, Role, Scope, Viewer


def login() -> str:
    """Who sits at the terminal, for the audit trail."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def viewer_of(
    settings: Settings,
    subject: str,
    role: Role,
    institution: str,
    area: str,
    person: str,
    level: str,
    agency: Agency | None = None,
) -> Viewer:
    """The viewer that the options describe; public ids become the internal keys that a viewer carries.

    Without options, a role that needs a scope is somebody well known of the demo city, and
    DINAS is DINAS_PPKUKM.

    Raises:
        BadInput: an option that the role does not take, or a region that there is not.
    """
    from geo.names import region_code

    options = {Scope.INSTITUTION: institution, Scope.AREA: area, Scope.PERSON: person, Scope.LEVEL: level}
    unused = [_OPTION[scope] for scope, given in options.items() if given and scope not in SCOPE_OF[role]]
    if unused:
        takes = ", ".join(_OPTION[scope] for scope in Scope if scope in SCOPE_OF[role]) or "no option"
        raise BadInput(f"{role} does not take {', '.join(unused)}: it takes {takes}.")
    if agency and role is not Role.DINAS:
        raise BadInput(f"{role} does not take --agency: it is for DINAS.")
    if role is Role.DINAS:
        return Viewer(role=role, subject=subject, agency=agency or Agency.DINAS_PPKUKM)
    area = region_code(area) if area else ""
    if SCOPE_OF[role] and not (institution or area or person or level):
        return asyncio.run(_somebody(settings, role))
    institution_id, person_id = internal_key(settings, institution), internal_key(settings, person)
    return Viewer(
        role=role, subject=subject, institution_id=institution_id, area=area, person_id=person_id, level=level
    )


_OPTION = {
    Scope.INSTITUTION: "--institution",
    Scope.AREA: "--area",
    Scope.PERSON: "--person",
    Scope.LEVEL: "--level",
}


async def _somebody(settings: Settings, role: Role) -> Viewer:
    import asyncpg

    from demo.cast import cast
    from models.server import Server

    connection = await asyncpg.connect(Server.running(settings).uri())
    try:
        viewer = (await cast(connection)).viewer(role)
    finally:
        await connection.close()
    scope = ", ".join(f"{name.value} {value}" for name, value in viewer.scope)
    note(f"Somebody of the demo city: {role} with {scope}.")
    return viewer


def internal_key(settings: Settings, given: str) -> str:
    """The internal key behind a public identifier, or the key itself; empty where none was given."""
    from uuid import UUID

    from policy.secrets import Secrets

    if not given:
        return ""
    try:
        return str(UUID(given))
    except ValueError:
        return str(Secrets.of(settings).internal_key(given)[1])
