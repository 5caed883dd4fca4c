"""A sequencer as a process of its own: `python -m tests.events.sequencing DSN`."""

from __future__ import annotations

import asyncio
import sys

from edge.log import configure
from events.sequencer import Sequencer

if __name__ == "__main__":
    configure("INFO")
    asyncio.run(Sequencer(sys.argv[1]).run())
