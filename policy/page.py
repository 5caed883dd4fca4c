"""The page `docs/privacy.md`, written from the policy itself: what stands there is what the database does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.privacy import Privacy
from policy.explain import mark
from policy.rows import ROWS
from policy.treatment import ABSENT, Condition, Kind, Treatment
from policy.viewer import Role
from policy.visibility import EXCEPTIONS, SEES
from policy.words import CLASSES, KINDS, Words, words_of

_HEAD = """\
# Privasi / Privacy

*Halaman ini ditulis dari kebijakan di `policy/`; basis data, API, dan data terbuka memakai deklarasi yang sama. Jangan
disunting: `pytest tests/adhoc/test_privacy_page.py --renew` menulisnya kembali.*

*This page is written from the policy in `policy/`; database, API and open data follow the same declaration. Do not edit
it: `pytest tests/adhoc/test_privacy_page.py --renew` writes it anew.*

`ksbb policy matrix` dan / and `ksbb policy explain Owner.nik --as PENDAMPING` menjawab hal yang sama / answer the same.
"""

_USES = """\
## Pemakaian / Uses

- Setiap pemakaian (menampilkan, menyaring, mengurutkan, mengelompokkan, menjumlahkan) memakai nilai peran itu sendiri.
  Any use (select, filter, order, group, aggregate) is a use of the role's own value.
- Nilai yang disamarkan hanya dapat ditampilkan. A masked value can be selected, and nothing else.
- Setiap pemakaian yang bertanda `!` tercatat dalam jejak audit, pada pernyataan SQL yang sama.
  Every use marked `!` is written to the audit trail, in the same SQL statement.
- Publik membaca jumlah orang hanya dari publikasi tersegel. The public reads counts of persons from sealed publications
  only.
- Kegagalan pelindungan diberitahukan paling lambat 3 x 24 jam (UU 27/2022 ps. 46). A breach is notified within
  3 x 24 hours (UU 27/2022 art. 46).
"""


def privacy_page() -> str:
    """The whole page in Markdown."""
    parts = ["\n".join(_matrix()), "\n".join(_grounds()), "\n".join(_exceptions()), "\n".join(_rows())]
    return "\n\n".join([_HEAD.rstrip(), *parts, _USES.rstrip()]) + "\n"


def _matrix() -> Iterator[str]:
    notes = list(dict.fromkeys(h.condition for by_role in SEES.values() for h in by_role.values() if h.condition))
    yield "## Kelas x peran / Class x role\n"
    kinds = ", ".join(f"`{kind.value}` {_both(words)}" for kind, words in KINDS.items())
    yield f"{kinds}; `C/G` berlaku pada sebagian baris (catatan), selain itu / on some rows (note), else; `!`"
    yield "tercatat / logged; `+reveal` jelas untuk sementara lewat `revealFields` / clear for a while by it, logged.\n"
    yield from _table(
        ["kelas / class", *(role.value for role in Role)],
        ([privacy.value, *(_cell(SEES[privacy].get(role, ABSENT), notes) for role in Role)] for privacy in Privacy),
    )
    yield ""
    yield from (f"{number}. {_both(words_of(note))}." for number, note in enumerate(notes, 1))


def _cell(how: Treatment, notes: list[Condition]) -> str:
    return mark(how) + (f" ({notes.index(how.condition) + 1})" if how.condition else "")


def _grounds() -> Iterator[str]:
    yield "## Isi dan dasar hukum / Content and legal ground\n"
    rows = ([privacy.value, _both(words.holds), _both(words.ground)] for privacy, words in CLASSES.items())
    yield from _table(["kelas / class", "isi / content", "dasar hukum / legal ground"], rows)


def _exceptions() -> Iterator[str]:
    yield "## Pengecualian per kolom / Exceptions of single columns\n"
    rows = []
    for attribute, by_role in EXCEPTIONS.items():
        told: dict[Treatment, list[Role]] = {}
        for role in Role:
            if role in by_role:
                told.setdefault(by_role[role], []).append(role)
        name = f"{attribute.class_.__tablename__}.{attribute.key}"
        rows += [[f"`{name}`", ", ".join(roles), _told(how)] for how, roles in told.items()]
    yield from _table(["kolom / column", "peran / role", "perlakuan / treatment"], rows)


def _told(how: Treatment) -> str:
    text = f"{mark(how)}: {_both(KINDS[how.kind])}"
    if how.condition is None:
        return text
    rest = "" if how.otherwise is Kind.ABSENT else f"; selain itu / else {_both(KINDS[how.otherwise])}"
    return f"{text}, {_both(words_of(how.condition))}{rest}"


def _rows() -> Iterator[str]:
    yield "## Baris per peran / Rows of each role\n"
    yield "Tabel yang tidak disebut tidak tampak bagi peran itu. A table that is not named is not seen by that role."
    for role in Role:
        seen: dict[Condition, list[str]] = {}
        for table, conditions in ROWS.items():
            if role in conditions:
                seen.setdefault(conditions[role], []).append(f"`{table}`")
        yield f"\n### {role.value}\n"
        yield from (f"- {_both(words_of(rule))}: {', '.join(tables)}" for rule, tables in seen.items())


def _both(words: Words) -> str:
    return words.id if words.id == words.en else f"{words.id} / {words.en}"


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
