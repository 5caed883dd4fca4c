"""A release that is taken back: gone at once, whatever is killed, and what it told of persons is not forgotten."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from datapackages.publish import catalogue, publish
from datapackages.withdrawing import carry_out_withdrawals
from edge.shelf import Shelf
from kernel.settings import Settings
from models.server import Server
from publishing import withdrawing
from publishing.catalogue.catalogue import write_catalogue
from publishing.control.ledger import LEDGER
from publishing.dataset import Label
from publishing.portals.target import NOTICE, FolderTarget, Withdrawal
from publishing.release.kept_ledgers import withdrawn_ledgers
from publishing.release.released import LATEST, Released, last_number, latest
from publishing.withdrawing import take_back
from tests.publishing.city import SEALED_AUTUMN, SEALED_SPRING, Publisher, as_owner
from tests.publishing.releasing import TABLES, a_release, contents
from tests.publishing.rows import SENEN, SPRING_2021

NOTICE_OF_2 = Withdrawal(
    version="1.0.2", reason=Label("Sel terlalu kecil.", "A cell was too small."), on=dt.date(2021, 3, 1)
)
DATASETS = ("bantuan", "wilayah")

DECIDED = (
    "update ksbb.release set withdrawn_at = now(), withdrawn_reason = 'Salah.', withdrawn_reason_en = 'Wrong.'"
    " where version = '1.0.2'"
)


class Killed(Exception):
    """What stops a run in the middle."""


def two_releases(root: Path) -> Path:
    """The folder of a package with two releases, whose figures on persons are noted in their ledgers."""
    first = a_release(root)
    a_release(root, {**TABLES, "wilayah": TABLES["wilayah"][:1], "bantuan": []}, first)
    for number in (1, 2):
        entries = {"penerima_agregat": {"202012": {f"RINCIAN|{number}": "5e"}}}
        (root / "contoh" / f"1.0.{number}" / LEDGER).write_text(json.dumps(entries))
    write_catalogue(root)
    return root / "contoh"


def take_back_the_second(root: Path, *targets: Any) -> None:
    take_back(root, "contoh", DATASETS, NOTICE_OF_2, "", targets)


def test_of_a_withdrawn_release_only_its_notice_is_left_and_the_one_before_is_the_latest(root: Path) -> None:
    folder = two_releases(root)
    take_back_the_second(root)
    assert [file.name for file in (folder / "1.0.2").iterdir()] == [NOTICE]
    assert (folder / LATEST).readlink() == Path("1.0.1")
    assert Shelf(root).withdrawn(("contoh", "1.0.2")) == ("Sel terlalu kecil.", "A cell was too small.")
    assert "A cell was too small." in (folder / "about" / "1.0.2" / "index.en.html").read_text()
    assert "1.0.2/data" not in (root / "catalog.ttl").read_text()
    standing = latest(root, "contoh")
    assert standing is not None
    assert standing.version == "1.0.1"
    assert last_number(folder) == 2


def test_a_withdrawal_killed_at_any_step_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_releases(tmp_path / "begun")
    shutil.copytree(tmp_path / "begun", tmp_path / "whole", symlinks=True)
    take_back_the_second(tmp_path / "whole")
    for step, is_done in product(("keep_ledger", "_mark", "FolderTarget", "write_catalogue"), (False, True)):
        root = tmp_path / f"{step}-{is_done}"
        shutil.copytree(tmp_path / "begun", root, symlinks=True)
        with monkeypatch.context() as patch:
            patch.setattr(withdrawing, step, killed(getattr(withdrawing, step), is_done))
            with pytest.raises(Killed):
                take_back_the_second(root)
        standing = latest(root, "contoh")
        assert standing is not None
        is_marked = step in {"FolderTarget", "write_catalogue"} or (step == "_mark" and is_done)
        assert standing.version == ("1.0.1" if is_marked else "1.0.2")
        for _ in range(2):
            take_back_the_second(root)
            assert contents(root) == contents(tmp_path / "whole"), (step, is_done)


def killed(done: Callable[..., Any], is_done: bool) -> Callable[..., Any]:
    """A step that is killed before or after it is done."""

    def step(*arguments: Any) -> Any:
        if not is_done:
            raise Killed
        if done is FolderTarget:
            done(arguments[0]).withdraw(Released(Path("-"), {"name": "contoh", "version": "1.0.2"}), NOTICE_OF_2)
        else:
            done(*arguments)
        raise Killed

    return step


def test_a_portal_that_does_not_answer_keeps_nothing_in_the_catalogue(root: Path) -> None:
    class Silent(FolderTarget):
        def withdraw(self, *_: object) -> None:
            raise Killed

    folder = two_releases(root)
    with pytest.raises(Killed):
        take_back_the_second(root, Silent(root / "portal"))
    assert [file.name for file in (folder / "1.0.2").iterdir()] == [NOTICE]


def test_a_portal_takes_back_a_release_whose_files_are_gone_here(root: Path) -> None:
    two_releases(root)
    portal = FolderTarget(root / "portal")
    newest = latest(root, "contoh")
    assert newest is not None
    portal.deliver(newest)
    take_back_the_second(root)
    take_back_the_second(root, portal)
    assert [file.name for file in (portal.root / "contoh" / "1.0.2").iterdir()] == [NOTICE]


def test_the_ledger_of_a_withdrawn_release_is_kept_and_not_served(root: Path) -> None:
    folder = two_releases(root)
    take_back_the_second(root)
    assert withdrawn_ledgers(folder) == [{"penerima_agregat": {"202012": {"RINCIAN|2": "5e"}}}]
    assert list(folder.glob(f"[0-9]*/{LEDGER}")) == [folder / "1.0.1" / LEDGER]


def rows(folder: Path) -> set[tuple[str, ...]]:
    with (folder / "data" / "penerima_agregat.csv").open(encoding="utf-8", newline="") as file:
        return {tuple(row) for row in csv.reader(file)}


async def test_after_a_withdrawal_no_row_differs_by_a_few_persons_from_what_was_told(
    publisher: Publisher, root: Path
) -> None:
    """Three persons more in a group that the withdrawn release counted: the group is not shown again."""
    settings, server = Settings(data_dir=root), Server(publisher.owner_uri)
    standing = await publish(settings, server, clock=SEALED_AUTUMN)
    faulty = await publish(settings, server, clock=SEALED_SPRING)
    told, frozen = rows(faulty.folder), rows(standing.folder)
    assert told > frozen
    async with publisher.city() as city:
        late = await city.collaboration("KSBB-UMK-2020-CCCCCC", "PT Contoh Susulan")
        await city.recipients(late, 3, SENEN, "I", validated_on=SPRING_2021)
    await as_owner(publisher.owner_uri, DECIDED)
    again = await publish(settings, server, clock=SEALED_SPRING)
    assert again.version == "1.0.3"
    assert frozen <= rows(again.folder) < told
    done = await carry_out_withdrawals(publisher.owner_uri, catalogue(settings), SEALED_SPRING, "", [])
    assert done == ["1.0.2"]
    assert await carry_out_withdrawals(publisher.owner_uri, catalogue(settings), SEALED_SPRING, "", []) == []
    assert (catalogue(settings) / "ksbb-umkm" / LATEST).readlink() == Path("1.0.3")
