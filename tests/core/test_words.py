"""Counts and names as an artist reads them."""

from __future__ import annotations

from core.words import counted, free_name


def test_one_of_many() -> None:
    assert [counted(number, "frame") for number in (0, 1, 2)] == ["0 frames", "1 frame", "2 frames"]


def test_a_name_that_is_free_stays_and_one_that_is_taken_gets_the_first_free_number() -> None:
    assert free_name("Hero", {"Extra"}) == "Hero"
    assert free_name("Hero", {"Hero", "Hero 2", "Hero 4"}) == "Hero 3"
    assert free_name("Hero {}", {"Hero {}"}, "{} ({})") == "Hero {} (2)"
