"""An archive that stops between file and table, as a process: `python -m tests.events.archiving DATA_DIR DSN`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from events import archive
from events.archive import Archive
from events.database import sequencer_engine
from kernel.clock import SystemClock
from kernel.settings import Settings


async def _never(*_: object) -> None:
    await asyncio.sleep(3_600)


if __name__ == "__main__":
    settings = Settings(data_dir=Path(sys.argv[1]), event_retention_days=1)
    archive._forget = _never  # type: ignore[assignment]  # it never comes to its arguments
    asyncio.run(Archive(settings, sequencer_engine(settings, sys.argv[2]), SystemClock()).part(7))
