"""What a command says: results on stdout, notes and progress on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any


def answer(data: Mapping[str, Any] | list[Any], as_json: bool, lines: Iterable[str]) -> None:
    """The result, to stdout: one JSON document, or one line each."""
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=2, default=str))
        return
    for line in lines:
        print(line)


def note(sentence: str) -> None:
    """What a person at the terminal should know beside the result."""
    print(sentence, file=sys.stderr)


def progress(about: str, whole: int) -> Callable[[int], None]:
    """Progress on stderr, when that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    task = bar.add_task(about, total=whole)
    bar.start()

    def show(done: int) -> None:
        bar.update(task, completed=done)
        if done >= whole:
            bar.stop()

    return show


def growing_progress(about: str) -> Callable[[int, int], None]:
    """Progress of a whole that is known only while it is read."""
    shows: list[Callable[[int], None]] = []

    def show(done: int, whole: int) -> None:
        if not shows:
            shows.append(progress(about, max(whole, done)))
        shows[0](done)

    return show
