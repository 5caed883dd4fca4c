"""What people, companies and streets are called here: every name says that it is an example ("Contoh ...")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from demo.chance import Chance
from models.vocabulary import Sex

POOL = 400  # values kept of each kind: enough variety, drawn once


@dataclass(frozen=True)
class Words:
    """Pools of Indonesian words."""

    given: dict[Sex, tuple[str, ...]]
    family: tuple[str, ...]
    streets: tuple[str, ...]


@cache
def words() -> Words:
    """The pools, read from Faker's Indonesian word lists on first use (drawing from Faker itself is slow)."""
    from faker.providers.address.id_ID import Provider as Addresses
    from faker.providers.person.id_ID import Provider as People

    given = {Sex.L: People.first_names_male, Sex.P: People.first_names_female}
    return Words(
        {sex: tuple(dict.fromkeys(names))[:POOL] for sex, names in given.items()},
        tuple(dict.fromkeys(People.last_names))[:POOL],
        tuple(dict.fromkeys(Addresses.streets))[:POOL],
    )


def person(chance: Chance, sex: Sex) -> str:
    """The name of somebody who does not exist."""
    return f"Contoh {chance.pick(words().given[sex])} {chance.pick(words().family)}"


def anybody(chance: Chance) -> str:
    """The name of somebody of either sex."""
    return person(chance, chance.pick((Sex.L, Sex.P)))


def phone(number: int) -> str:
    """A telephone number of a block that no network gives out."""
    return f"0812000{number % 100_000:05}"


def address(chance: Chance) -> str:
    """A street, house and neighbourhood (RT/RW)."""
    street, house = chance.pick(words().streets), chance.between(1, 199)
    return f"Jl. Contoh {street} No. {house}, RT {chance.between(1, 16):03}/RW {chance.between(1, 12):02}"


def email(name: str) -> str:
    """An address under a name that is never registered (RFC 2606)."""
    return f"{name.lower().replace(' ', '-')}@contoh.example"
