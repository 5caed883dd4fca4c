"""A disk without room, as a situation that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel.errors import KsbbError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class DiskFull(KsbbError):
    """A file could not be written, because the disk or a quota is full."""

    code = "DISK_FULL"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The disk of {folder} is full (disk penuh). Nothing of this was kept, and what was there before stands. "
            f"Make room, then do it again.",
            folder=str(folder),
        )


def is_out_of_room(failure: OSError) -> bool:
    """Whether a file could not be written for want of room."""
    return failure.errno in _NO_ROOM


@contextmanager
def room_in(folder: Path) -> Iterator[None]:
    """What is written inside goes to a folder; when its disk is full, that is said.

    Raises:
        DiskFull: there is no room left.
    """
    try:
        yield
    except OSError as failure:
        if is_out_of_room(failure):
            raise DiskFull(folder) from failure
        raise
