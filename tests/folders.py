"""Folders for databases of tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.embedded import EmbeddedPostgres


@contextmanager
def a_folder() -> Iterator[Path]:
    """A new folder, gone afterwards.

    Not pytest's `tmp_path`: each run of pytest makes the parent of those private again, and when root runs the tests
    that takes the way to its data from the database of another run.
    """
    folder = Path(tempfile.mkdtemp(prefix="ksbb-test-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def a_data_folder() -> Iterator[Path]:
    """A folder for `Settings.data_dir`, not yet made; the server on it is stopped afterwards."""
    with a_folder() as parent:
        folder = parent / "data"
        try:
            yield folder
        finally:
            postgres = EmbeddedPostgres(folder)
            if postgres.is_running():
                postgres.open()
                postgres.close()
