"""The theme is complete and neutral, and every icon can be drawn."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from widgets import theme


def test_the_stylesheet_has_no_name_left_over() -> None:
    """Every at-sign name is a color of the theme, and every picture it names exists."""
    text = theme.stylesheet()

    assert "@" not in text
    for path in re.findall(r"url\((.*?)\)", text):
        assert path.startswith(theme.ICONS.as_posix())
        assert (theme.ICONS / path.removeprefix(theme.ICONS.as_posix() + "/")).is_file()


def test_greys_are_neutral() -> None:
    """A tinted window tints the eye: only the accent and the signals have a color."""
    colored = {"accent", "accent_bright", "good", "warn", "bad"}

    tinted = {name for name in theme.COLORS if len({*theme.color(name).getRgb()[:3]}) > 1}

    assert tinted == colored


def test_every_icon_draws_something(qapp: QApplication) -> None:
    """At 24 points each icon has ink, in the theme's text color."""
    for name in theme.icon_names():
        image = theme.icon(name).pixmap(24, 24).toImage()
        assert any(image.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24)), name


def test_an_unknown_icon_is_a_mistake(qapp: QApplication) -> None:
    """Never an empty button in silence."""
    with pytest.raises(FileNotFoundError):
        theme.icon("no such icon")


def test_icons_are_drawn_for_the_screen_they_are_on(qapp: QApplication) -> None:
    """At a scale of 1.5, 20 points are 30 pixels of drawing and not 20 or 32 of them stretched."""
    drawn = theme.icon("wipe").pixmap(QSize(20, 20), 1.5)

    assert (drawn.width(), drawn.height(), drawn.devicePixelRatio()) == (30, 30, 1.5)


def test_an_icon_without_room_is_nothing(qapp: QApplication) -> None:
    assert theme.SvgIcon("<svg/>").scaledPixmap(QSize(0, 20), QIcon.Mode.Normal, QIcon.State.Off, 1.5).isNull()


def test_an_icon_says_by_its_ink_that_it_is_on_or_off(qapp: QApplication) -> None:
    def inks(mode: QIcon.Mode, state: QIcon.State) -> set[str]:
        image = theme.icon("single").pixmap(QSize(48, 48), mode, state).toImage()
        pixels = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
        return {pixel.name() for pixel in pixels if pixel.alpha() == 255}

    assert inks(QIcon.Mode.Normal, QIcon.State.Off) == {theme.COLORS["text"]}
    assert inks(QIcon.Mode.Normal, QIcon.State.On) == {theme.COLORS["accent_bright"]}
    assert inks(QIcon.Mode.Disabled, QIcon.State.On) == {theme.COLORS["text_off"]}
