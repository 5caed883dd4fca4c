"""The committed page on privacy is the one that the policy writes."""

from __future__ import annotations

from pathlib import Path

from models.privacy import Privacy
from policy import conditions
from policy.page import privacy_page
from policy.rows import ROWS
from policy.viewer import Role
from policy.visibility import EXCEPTIONS, SEES
from policy.words import CLASSES, words_of

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"


def test_the_page_says_what_the_policy_says(renew: bool) -> None:
    if renew:
        PAGE.write_text(privacy_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == privacy_page()


def test_the_page_names_every_class_role_table_and_exception() -> None:
    page = privacy_page()
    for name in (*Privacy, *Role, *(f"`{table}`" for table in ROWS)):
        assert name in page
    for attribute in EXCEPTIONS:
        assert f"`{attribute.class_.__tablename__}.{attribute.key}`" in page


def test_every_class_has_a_legal_ground_in_both_languages() -> None:
    assert set(CLASSES) == set(Privacy)
    for words in CLASSES.values():
        assert words.ground.id.startswith("UU ")
        assert words.ground.en.startswith("UU ")


def test_every_condition_is_said_in_both_languages() -> None:
    used = {condition for by_role in ROWS.values() for condition in by_role.values()}
    for by_role in (*SEES.values(), *EXCEPTIONS.values()):
        used |= {how.condition for how in by_role.values() if how.condition}
    for condition in used:
        words = words_of(condition)
        assert words.id != words.en, f"policy/words.py lacks the Indonesian words of {condition.__name__}"
        assert condition.__module__ == conditions.__name__
