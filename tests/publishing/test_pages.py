"""The pages as a person meets them: in both languages, without scripts, every link leading somewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from publishing.catalogue.catalogue import write_catalogue
from tests.publishing.shelf import MORNING, a_release, withdraw

VOID = {"meta", "link", "br"}


class Read(HTMLParser):
    """What a page holds; refuses tags that do not close in order."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, list[dict[str, str | None]]] = defaultdict(list)
        self.words: list[str] = []
        self.feed(file.read_text())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag].append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def links(self) -> list[str]:
        return [str(a["href"]) for tag in ("a", "link") for a in self.seen[tag]]

    @property
    def ids(self) -> set[str | None]:
        return {a["id"] for found in self.seen.values() for a in found if "id" in a}


@pytest.fixture
def catalogue(root: Path) -> Path:
    for number in (1, 2, 3):
        a_release(root, number, cities=number)
    write_catalogue(root, released_at={("contoh", f"1.0.{n}"): MORNING for n in (1, 2, 3)})
    withdraw(root, 2, {"reason": "Salah", "reason_en": "Wrong"})
    write_catalogue(root)
    return root


def pages(root: Path) -> list[Path]:
    return sorted(root.rglob("*.html"))


def target(root: Path, page: Path, address: str) -> Path:
    """The file that a link on a page leads to."""
    here = f"http://x/data/{page.relative_to(root).as_posix()}"
    path = unquote(urlsplit(urljoin(here, address)).path)
    assert path.startswith("/data/"), address
    return root / path.removeprefix("/data/") / ("index.html" if path.endswith("/") else "")


def test_every_link_leads_to_a_file_of_the_catalogue(catalogue: Path) -> None:
    for page in pages(catalogue):
        for address in Read(page).links:
            if not address.startswith("https://creativecommons.org/"):
                found = target(catalogue, page, address)
                assert found.is_file(), (page, address)
                fragment = urlsplit(address).fragment
                assert not fragment or fragment in Read(found).ids


def test_dataset_dictionary_and_download_are_one_click_from_the_first_page(catalogue: Path) -> None:
    links = Read(catalogue / "index.html").links
    assert "./contoh/about/1.0.3/kota.html" in links
    assert "./contoh/1.0.3/data/kota.csv" in links
    dataset = Read(catalogue / "contoh" / "about" / "1.0.3" / "kota.html")
    assert {"kolom-kode", "kolom-jenis", "kolom-luas", "kolom-induk"} <= dataset.ids
    for word in ("km2", "KOTA", "KAB", "^3", "Tanpa pulau."):
        assert word in dataset.words


def test_every_page_is_made_for_all_readers(catalogue: Path) -> None:
    for page in pages(catalogue):
        read = Read(page)
        language = "en" if page.name.endswith(".en.html") else "id"
        assert read.seen["html"] == [{"lang": language}]
        assert len(read.seen["h1"]) == 1
        assert read.seen["a"][0] == {"class": "skip", "href": "#isi"}
        assert "isi" in read.ids
        assert all("scope" in head for head in read.seen["th"])
        assert len(read.seen["caption"]) == len(read.seen["table"])
        levels = [int(tag[1]) for tag in re.findall(r"<(h[1-6])", page.read_text())]
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_pages_run_nothing_and_load_nothing(catalogue: Path) -> None:
    for page in pages(catalogue):
        read = Read(page)
        assert {script.get("type") for script in read.seen["script"]} <= {"application/ld+json"}
        assert not {"img", "iframe", "object", "form", "button"} & read.seen.keys()
        assert not [name for found in read.seen.values() for tag in found for name in tag if name.startswith("on")]
        assert "@import" not in page.read_text()
        assert "url(" not in page.read_text()
        assert page.stat().st_size < 20_000


def test_words_of_a_descriptor_are_words_not_markup(catalogue: Path) -> None:
    for page in pages(catalogue):
        assert "<b>" not in page.read_text()
    assert "Kota &lt;b&gt;" in (catalogue / "index.html").read_text()


def test_a_tombstone_says_why_in_its_language(catalogue: Path) -> None:
    about = catalogue / "contoh" / "about" / "1.0.2"
    for name, reason, title in (("kota.html", "Salah", "ditarik"), ("kota.en.html", "Wrong", "was withdrawn")):
        words = " ".join(Read(about / name).words)
        assert reason in words
        assert title in words


def test_a_citation_names_publisher_year_title_version_and_place(catalogue: Path) -> None:
    about = catalogue / "contoh" / "about" / "1.0.3"
    assert (about / "kota.citation.txt").read_text() == (
        "Pemprov DKI Jakarta (2021). Kota & kabupaten (kota), versi 1.0.3 (2021-02-01) [kumpulan data]. "
        "Lisensi CC-BY-4.0. Tersedia di: /data/contoh/about/1.0.3/kota.html\n"
        "Pemprov DKI Jakarta (2021). Cities & regency (kota), version 1.0.3 (2021-02-01) [dataset]. "
        "Licence CC-BY-4.0. Available at: /data/contoh/about/1.0.3/kota.en.html\n"
    )
    bib = (about / "kota.citation.bib").read_text()
    assert bib.startswith("@misc{contoh-kota-1.0.3,\n")
    assert r"title = {{Kota \& kabupaten (kota)}}" in bib
    assert bib.count("{") - bib.count(r"\{") == bib.count("}") - bib.count(r"\}")
    assert "Paket contoh, versi 1.0.3" in (about / "citation.txt").read_text()


def _luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * letter for letter in colour)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("text", "ground"), [("111", "fff"), ("00439c", "fff"), ("eee", "111"), ("9cf", "111")], ids=str
)
def test_text_has_contrast(catalogue: Path, text: str, ground: str) -> None:
    style = (catalogue / "index.html").read_text()
    assert f"color: #{text}" in style
    lighter, darker = sorted((_luminance(text), _luminance(ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 7  # level AAA of WCAG 2.2
