"""Red flags (tanda bahaya): looked at and dismissed by those who supervise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from commands.command import Command, Fact, Ref, registered
from commands.work import Work, reason_given
from models.red_flag import RedFlag
from models.states import RED_FLAG
from models.vocabulary import RedFlagStatus


@dataclass(frozen=True, kw_only=True)
class RedFlagDismissed(Fact):
    """A red flag was looked at and dismissed (tanda bahaya dikesampingkan)."""

    tells: ClassVar = (RedFlag.kind, RedFlag.status)


@dataclass(frozen=True, kw_only=True)
class DismissRedFlag(Command):
    """Say that a red flag was looked at and is no trouble (dikesampingkan)."""

    red_flag_id: Annotated[UUID, Ref("RedFlag"), "The red flag (tanda bahaya)."]
    reason: Annotated[str, "What was found (alasan). Never public."]


async def dismiss_red_flag(command: DismissRedFlag, work: Work) -> RedFlag:
    """TERBUKA -> DIKESAMPINGKAN; the same thing is not flagged again."""
    reason = reason_given(command.reason)
    flag = await work.own(RedFlag, command.red_flag_id, ("redFlagId",))
    work.move(flag, RED_FLAG, RedFlagStatus.DIKESAMPINGKAN, reason=reason)
    flag.reason = reason
    work.tell(RedFlagDismissed(subject=flag, region_code=flag.region_code, institutions=(flag.institution_id,)))
    return flag


COMMANDS = (registered(DismissRedFlag, dismiss_red_flag, answers="RedFlag"),)
