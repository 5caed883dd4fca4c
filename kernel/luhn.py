"""Luhn mod N: one check character over any alphabet of even length; it catches every single wrong character."""

from __future__ import annotations

DIGITS = "0123456789"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The base 32 alphabet of Douglas Crockford: no I, L, O or U, so that it can be read aloud and typed."""


def checksum(text: str, alphabet: str = DIGITS) -> int:
    """Zero when the last character of `text` is the right check character.

    Raises:
        ValueError: a character outside the alphabet.
    """
    size = len(alphabet)
    numbers = [alphabet.index(character) for character in reversed(text)]
    return (sum(numbers[::2]) + sum(sum(divmod(2 * number, size)) for number in numbers[1::2])) % size


def check_character(text: str, alphabet: str = DIGITS) -> str:
    """The character which, put behind `text`, makes it pass."""
    return alphabet[-checksum(text + alphabet[0], alphabet) % len(alphabet)]


def is_valid(text: str, alphabet: str = DIGITS) -> bool:
    """Whether `text` is not empty, inside the alphabet, and ends in its check character."""
    return bool(text) and set(text) <= set(alphabet) and checksum(text, alphabet) == 0
