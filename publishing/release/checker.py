#!/usr/bin/env python3
"""Checks a release of open data by itself: copy this file anywhere, it needs Python 3.9 and nothing else.

    python3 check_release.py [FOLDER]      the folder of the release, or its unpacked archive; here if left out

Recomputed from the files alone: every hash and size, rows and primary keys, every count of persons against the
threshold and the rounding, and for microdata k, l and the share of adverse values in every class. Exit code 0: OK,
1: WRONG, 2: wrongly called. The signature (Ed25519) needs a library: `ksbb release verify` checks it.

Memeriksa satu rilis data terbuka: semua hash, jumlah baris, kunci, ambang dan pembulatan hitungan orang, serta k dan l.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
DESCRIPTOR = "datapackage.json"

_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_SHOWN = 5


class Report:
    """What was checked, line by line, and how much is wrong."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str, str]] = []
        self.wrong = 0

    def tell(self, what: str, subject: str, complaints: Iterable[str], found: str = "") -> None:
        """One check: OK with what was found, or each complaint."""
        complaints = list(complaints)
        self.wrong += len(complaints)
        self.lines.append(("WRONG" if complaints else "OK", what, subject, found))
        self.lines += [("", "", "", complaint) for complaint in complaints[:_SHOWN]]
        if len(complaints) > _SHOWN:
            self.lines.append(("", "", "", f"and {len(complaints) - _SHOWN} more"))

    def text(self) -> str:
        """The table, and the verdict."""
        widths = [max(len(line[at]) for line in self.lines) for at in range(3)]
        rows = ["  ".join([*(line[at].ljust(widths[at]) for at in range(3)), line[3]]) for line in self.lines]
        return "\n".join([*(_printable(row).rstrip() for row in rows), "", "WRONG" if self.wrong else "OK"])


class Check:
    """Something that must hold of a dataset, looked at row by row."""

    what = ""

    def __init__(self) -> None:
        self.row = 1
        self.wrong: list[str] = []

    def see(self, cells: Sequence[str]) -> None:
        """Look at the next row."""
        self.row += 1
        self.look(cells)

    def look(self, cells: Sequence[str]) -> None:
        """What is to be seen in a row."""

    def complaints(self) -> Iterable[str]:
        """What is wrong, after the last row."""
        return self.wrong

    def found(self) -> str:
        """What was found, after the last row."""
        return ""


class Rows(Check):
    """As many rows as the descriptor says."""

    what = "rows"

    def __init__(self, resource: dict[str, Any]) -> None:
        super().__init__()
        self.stated = resource["rows"]

    def complaints(self) -> Iterable[str]:
        """What is wrong."""
        return [] if self.row - 1 == self.stated else [f"there are {self.row - 1}, and it says {self.stated}"]

    def found(self) -> str:
        """How many there are."""
        return f"{self.row - 1} rows"


class Keys(Check):
    """No two rows have the same primary key."""

    what = "key"

    def __init__(self, resource: dict[str, Any], fields: Sequence[str]) -> None:
        super().__init__()
        key = resource["schema"].get("primaryKey", [])
        self.names = [key] if isinstance(key, str) else list(key)
        self.at = [fields.index(name) for name in self.names]
        self.seen: set[bytes] = set()

    def look(self, cells: Sequence[str]) -> None:
        """Remember the key of a row by its hash."""
        if self.at:
            key = hashlib.sha256(json.dumps([cells[at] for at in self.at]).encode()).digest()[:16]
            if key in self.seen:
                self.wrong.append(f"row {self.row} has the key of another row")
            self.seen.add(key)

    def found(self) -> str:
        """How many there are."""
        return f"{len(self.seen)} keys of {', '.join(self.names)}" if self.names else "no key declared"


class Persons(Check):
    """No number of persons below the threshold, and each number and sum a multiple of its rounding."""

    what = "persons"

    def __init__(self, resource: dict[str, Any], fields: Sequence[str]) -> None:
        super().__init__()
        rule = resource["disclosure_control"]
        self.threshold, self.step = int(rule["threshold_persons"]), int(rule["rounded_to"])
        self.columns = [(fields.index(name), name) for name in rule["counts"]]
        self.sums, self.sum_step = [(fields.index(name), name) for name in rule["sums"]], int(rule["sums_rounded_to"])
        self.wrong += [] if self.columns else ["no column counts persons"]
        self.least: int | None = None

    def look(self, cells: Sequence[str]) -> None:
        """Look at the counts of a row; an empty cell tells nothing."""
        for at, name in self.columns:
            if not re.fullmatch("[0-9]*", cells[at]):
                self.wrong.append(f"row {self.row}: {name} is no count")
            elif cells[at]:
                self.count(int(cells[at]), name)
        for at, name in self.sums:
            if cells[at] and (not re.fullmatch("-?[0-9]+", cells[at]) or int(cells[at]) % self.sum_step):
                self.wrong.append(f"row {self.row}: {name} is no multiple of {self.sum_step}")

    def count(self, persons: int, name: str) -> None:
        """One count against the rule."""
        self.least = persons if self.least is None else min(self.least, persons)
        if persons < self.threshold or persons % self.step:
            rule = f"below {self.threshold} or no multiple of {self.step}"
            self.wrong.append(f"row {self.row}: {name} is {rule}")

    def found(self) -> str:
        """The least of them."""
        names = ", ".join(name for _, name in self.columns)
        return f"least {self.least}, rule {self.threshold}-{self.step}, in {names}"


class Classes(Check):
    """Every class of rows that look alike: at least k rows, l sensitive values, few of them adverse."""

    what = "classes"

    def __init__(self, resource: dict[str, Any], fields: Sequence[str]) -> None:
        super().__init__()
        rule = resource["microdata"]
        self.least_k, self.least_l, self.most = int(rule["k"]), int(rule["l"]), float(rule["most_adverse_share"])
        self.adverse = frozenset(rule["adverse_values"])
        sensitive = rule["sensitive"]
        self.names = [sensitive] if isinstance(sensitive, str) else list(sensitive)
        self.alike = [fields.index(name) for name in rule["quasi_identifiers"]]
        self.told = [(fields.index(name), name) for name in self.names]
        self.sizes: Counter[tuple[str, ...]] = Counter()
        self.values: defaultdict[tuple[tuple[str, ...], str], Counter[str]] = defaultdict(Counter)

    def look(self, cells: Sequence[str]) -> None:
        """Count a row in its class."""
        key = tuple(cells[at] for at in self.alike)
        self.sizes[key] += 1
        for at, name in self.told:
            self.values[key, name][cells[at]] += 1

    def share(self, key: tuple[str, ...], name: str) -> float:
        """The share of adverse values in a class."""
        return sum(self.values[key, name][value] for value in self.adverse) / self.sizes[key]

    def complaints(self) -> Iterator[str]:
        """What is wrong; classes are numbered, not named."""
        for number, (key, size) in enumerate(sorted(self.sizes.items()), start=1):
            if size < self.least_k:
                yield f"class {number} has {size} rows, below k = {self.least_k}"
            for name in self.names:
                values = len(self.values[key, name])
                if values < self.least_l:
                    yield f"class {number}: {name} has {values} values, below l = {self.least_l}"
                if self.share(key, name) > self.most:
                    yield f"class {number}: more than {self.most} of {name} is adverse"

    def found(self) -> str:
        """The worst of each over all classes."""
        k = min(self.sizes.values(), default=None)
        l_ = min((len(values) for values in self.values.values()), default=None)
        adverse = max((self.share(key, name) for key, name in self.values), default=0.0)
        return f"{len(self.sizes)} classes, k = {k}, l = {l_}, adverse at most {adverse:.3f}"


def main(arguments: Sequence[str]) -> int:
    """Check the folder that was named; the exit code."""
    folder = Path(arguments[0] if arguments else ".")
    if len(arguments) > 1 or not folder.is_dir():
        sys.stderr.write(f"{__doc__}\nName the folder of a release: {str(folder)!r} is none.\n")
        return 2
    report = checked(folder)
    sys.stdout.write(report.text() + "\n")
    sys.stdout.write("The signature was not checked here: `ksbb release verify` does it.\n")
    return 1 if report.wrong else 0


def checked(folder: Path) -> Report:
    """Everything that a release says of itself, recomputed."""
    report = Report()
    manifest, descriptor = (_json(folder, name, report) for name in (MANIFEST, DESCRIPTOR))
    try:
        if manifest is not None:
            _check_files(folder, manifest, report)
        if descriptor is not None:
            _check_names(manifest, descriptor, report)
            for resource in descriptor["resources"]:
                _check_dataset(folder, resource, report)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, csv.Error) as error:
        report.tell("readable", "", [f"the release does not say what a release says ({type(error).__name__}: {error})"])
    return report


def _json(folder: Path, name: str, report: Report) -> dict[str, Any] | None:
    """A JSON file of the release; None when it cannot be read."""
    try:
        content = json.loads((folder / name).read_bytes())
    except FileNotFoundError:
        hint = " (the archive has none: lay that of the release beside its files)" if name == MANIFEST else ""
        report.tell("readable", name, [f"it is missing{hint}"])
    except (OSError, ValueError, RecursionError):
        report.tell("readable", name, ["it cannot be read as JSON"])
    else:
        if isinstance(content, dict):
            return content
        report.tell("readable", name, ["it is no JSON object"])
    return None


def _check_files(folder: Path, manifest: dict[str, Any], report: Report) -> None:
    """The files that lie there are those of the manifest, byte by byte."""
    listed = {file["path"]: (file["bytes"], file["sha256"]) for file in manifest["files"]}
    outside = [path for path in listed if not _PATH.fullmatch(path)]
    twice = len(manifest["files"]) - len(listed)
    there, odd = set[str](), set[str]()
    for path, is_plain in _below(folder, ""):
        (there if is_plain else odd).add(path)
    archive = f"{manifest['package']}-{manifest['version']}.zip"  # which is not in itself when it is unpacked
    complaints = [
        *(f"{path!r} leads out of the release" for path in outside),
        *(["a path is listed twice"] if twice else []),
        *(f"{path} is a link or no plain file" for path in sorted(odd)),
        *(f"{path} is not in the manifest" for path in sorted(there - set(listed) - {MANIFEST, SIGNATURE})),
        *(f"{path} is missing" for path in sorted(set(listed) - there - odd - set(outside) - {archive})),
        *(f"{p} is not the file of the manifest" for p in sorted(there & set(listed)) if _of(folder, p) != listed[p]),
    ]
    report.tell("files", MANIFEST, complaints, f"{len(listed)} files")


def _check_names(manifest: dict[str, Any] | None, descriptor: dict[str, Any], report: Report) -> None:
    """Manifest and descriptor speak of the same release."""
    name = f"{descriptor['name']} {descriptor['version']}"
    signed = f"{manifest['package']} {manifest['version']}" if manifest else name
    report.tell("release", DESCRIPTOR, [] if name == signed else [f"it is of {name}, the manifest of {signed}"], name)


def _check_dataset(folder: Path, resource: dict[str, Any], report: Report) -> None:
    """One dataset: its file and other formats, rows, keys, counts of persons, classes of microdata."""
    for stated in [resource, *resource.get("formats", [])]:
        path = stated["path"]
        is_there = _PATH.fullmatch(path) and (folder / path).is_file() and not (folder / path).is_symlink()
        is_right = is_there and _of(folder, path) == (stated["bytes"], stated["hash"].replace("sha256:", ""))
        report.tell("hash", resource["name"], [] if is_right else [f"{path} is not the file that is described"], path)
        if stated is resource and not is_right:
            return
    with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
        _check_rows(resource, csv.reader(file, strict=True), report)


def _check_rows(resource: dict[str, Any], lines: Iterator[list[str]], report: Report) -> None:
    """What must hold in every row, in one pass over them."""
    name, fields = resource["name"], [field["name"] for field in resource["schema"]["fields"]]
    if next(lines, None) != fields:
        report.tell("columns", name, ["the header is not that of the descriptor"])
        return
    checks: list[Check] = [Rows(resource), Keys(resource, fields)]
    checks += [Persons(resource, fields)] if "disclosure_control" in resource else []
    checks += [Classes(resource, fields)] if "microdata" in resource else []
    for cells in lines:
        if len(cells) != len(fields):
            report.tell("columns", name, [f"row {checks[0].row + 1} has {len(cells)} cells"])
            return
        for check in checks:
            check.see(cells)
    for check in checks:
        report.tell(check.what, name, check.complaints(), check.found())


def _printable(text: str) -> str:
    """A text of files that nobody vouches for, without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _below(folder: Path, path: str) -> Iterator[tuple[str, bool]]:
    """What lies below a folder, by its path, and whether it is a plain file; links are not followed."""
    for item in folder.iterdir():
        name = f"{path}{item.name}"
        if item.is_dir() and not item.is_symlink():
            yield from _below(item, f"{name}/")
        else:
            yield name, item.is_file() and not item.is_symlink()


def _of(folder: Path, path: str) -> tuple[int, str]:
    """Size and SHA-256 of a file."""
    sha, size = hashlib.sha256(), 0
    with (folder / path).open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha.update(block)
            size += len(block)
    return size, sha.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
