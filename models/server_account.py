"""The operating-system account that the embedded PostgreSQL runs as, and its way to the folders it needs.

PostgreSQL refuses to run as root. Started by anybody else it runs as that user; started by root it runs as the owner
of its data folder, or for a new folder as the system user `pgserver`, which root makes once.
"""

from __future__ import annotations

import errno
import logging
import os
import pwd
import shutil
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kernel.errors import KsbbError

SYSTEM_USER = "pgserver"

_log = logging.getLogger("ksbb.database")

_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_FIRST_OUT_OF_REACH = 'for path; do if ! test -x "$path"; then printf %s "$path"; exit; fi; done'

_ACL = "system.posix_acl_access"
_ACL_VERSION = struct.pack("<I", 2)
_ACL_ENTRY = struct.Struct("<HHI")
_ACL_USER_OBJ, _ACL_USER, _ACL_GROUP_OBJ, _ACL_MASK, _ACL_OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_ACL_NO_ID = 0xFFFFFFFF
_ENTER = 0o1


class NoServerAccount(KsbbError):
    """Root has no account to run PostgreSQL as and could not make one."""

    code = "NO_SERVER_ACCOUNT"


class FolderOutOfReach(KsbbError):
    """The account of the database may not enter a folder on the way to its files."""

    code = "FOLDER_OUT_OF_REACH"


@dataclass(frozen=True)
class ServerAccount:
    """An operating-system user; commands of PostgreSQL run as it."""

    name: str
    uid: int
    gid: int

    def run(self, command: Sequence[str | Path], *, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command as this account, in an environment of its own; the caller judges the exit code."""
        as_root = os.geteuid() == 0
        return subprocess.run(  # noqa: S603  # the commands are our own
            [str(part) for part in command],
            input=text,
            capture_output=True,
            text=True,
            env=_ENVIRONMENT,
            cwd="/",
            check=False,
            user=self.uid if as_root else None,
            group=self.gid if as_root else None,
            extra_groups=() if as_root else None,
        )

    def make_way_to(self, target: Path) -> None:
        """Let this account pass through every folder above `target`, which may lie in a private folder of root's.

        Adds "may enter" (never "may list" or "may read") for this one account to the access list of the folders in
        the way; nobody else gains anything.

        Raises:
            FolderOutOfReach: the file system keeps no access lists, or we are not root.
        """
        path = [*reversed(target.parents), target]
        done: set[str] = set()
        while blocked := self.run(["sh", "-c", _FIRST_OUT_OF_REACH, "sh", *path]).stdout:
            if blocked in done or not _let_enter(Path(blocked), self.uid):
                raise FolderOutOfReach(
                    f"The database runs as the user {self.name}, who may not enter {blocked}. Allow it "
                    f"(chmod o+x {blocked}) or choose another data folder, such as KSBB_DATA_DIR=/var/lib/ksbb.",
                    folder=blocked,
                    account=self.name,
                )
            _log.warning("let the user %s pass through %s, on the way to the database", self.name, blocked)
            done.add(blocked)


def account_for(data: Path) -> ServerAccount:
    """The account that runs PostgreSQL on a data folder, which need not exist yet.

    Raises:
        NoServerAccount: root, and the system user could not be made.
    """
    uid = os.geteuid()
    if uid == 0 and data.exists():
        uid = data.stat().st_uid
    if uid == 0:
        return _system_user()
    return ServerAccount(name=_name_of(uid), uid=uid, gid=_group_of(uid))


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError as cause:
        raise NoServerAccount(
            f"User id {uid} has no name on this machine (no line in /etc/passwd), and PostgreSQL refuses such a user. "
            f"Run as a named user, or set KSBB_DATABASE_URL to a PostgreSQL of your own.",
            uid=uid,
        ) from cause


def _group_of(uid: int) -> int:
    return pwd.getpwuid(uid).pw_gid


def _system_user() -> ServerAccount:
    try:
        found = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        found = pwd.getpwnam(SYSTEM_USER)
    return ServerAccount(name=SYSTEM_USER, uid=found.pw_uid, gid=found.pw_gid)


def _make_system_user() -> None:
    useradd = shutil.which("useradd", path=_ENVIRONMENT["PATH"])
    command = [useradd or "useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/sh", SYSTEM_USER]
    if useradd is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:  # noqa: S603
        raise NoServerAccount(
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made. Make it "
            f"({' '.join(command)}), or run ksbb as an ordinary user.",
            account=SYSTEM_USER,
        )


def _let_enter(folder: Path, uid: int) -> bool:
    """Add "may enter" for one user to a folder's POSIX access list; False where that is not possible."""
    if sys.platform != "linux":
        return False
    try:
        entries = _access_list(folder)
        shared = entries.get((_ACL_MASK, _ACL_NO_ID), entries[_ACL_GROUP_OBJ, _ACL_NO_ID])
        entries[_ACL_MASK, _ACL_NO_ID] = shared | _ENTER
        entries[_ACL_USER, uid] = entries.get((_ACL_USER, uid), 0) | _ENTER
        packed = (_ACL_ENTRY.pack(tag, rights, who) for (tag, who), rights in sorted(entries.items()))
        os.setxattr(folder, _ACL, _ACL_VERSION + b"".join(packed))
    except OSError:
        return False
    return True


def _access_list(folder: Path) -> dict[tuple[int, int], int]:
    """Rights by (tag, id) of a folder: its access list, or what its mode says."""
    if sys.platform != "linux":
        return {}
    try:
        packed = os.getxattr(folder, _ACL)[len(_ACL_VERSION) :]
    except OSError as cause:
        if cause.errno != errno.ENODATA:
            raise
        mode = folder.stat().st_mode
        shifts = ((_ACL_USER_OBJ, 6), (_ACL_GROUP_OBJ, 3), (_ACL_OTHER, 0))
        return {(tag, _ACL_NO_ID): mode >> shift & 0o7 for tag, shift in shifts}
    return {(tag, who): rights for tag, rights, who in _ACL_ENTRY.iter_unpack(packed)}
