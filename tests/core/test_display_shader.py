"""The display transform as a GPU is given it. That it shows the same is tested where there is a GPU to draw with."""

from __future__ import annotations

import pytest

from core.color import ColorConfig
from core.display_shader import FUNCTION

VIEWS = ("ACES 2.0 - SDR 100 nits (Rec.709)", "Un-tone-mapped")


@pytest.mark.parametrize("view", VIEWS)
def test_the_shader_declares_its_function_and_every_table(view: str) -> None:
    shader = ColorConfig.load().display("sRGB - Display", view).shader()

    assert f"vec4 {FUNCTION}(vec4" in shader.text
    assert bool(shader.tables) == view.startswith("ACES")
    for table in shader.tables:
        assert f"sampler{table.values.ndim - 1}D {table.sampler};" in shader.text
        assert table.values.shape[-1] in (1, 3)


def test_exposure_and_gamma_need_no_other_shader() -> None:
    config = ColorConfig.load()
    plain = config.display("sRGB - Display", VIEWS[0])
    graded = config.display("sRGB - Display", VIEWS[0], exposure_stops=2.0, gamma=1.4)

    assert graded.shader() is plain.shader()
    assert (graded.gain, graded.gamma) == (4.0, 1.4)
    assert config.display("sRGB - Display", VIEWS[1]).shader() is not plain.shader()


def test_a_look_makes_another_shader() -> None:
    config = ColorConfig.load()
    plain = config.display("sRGB - Display", VIEWS[1])
    looked = config.display("sRGB - Display", VIEWS[1], look=config.looks[0])

    assert looked.shader() is not plain.shader()
    assert looked.shader() is config.display("sRGB - Display", VIEWS[1], 1.0, look=config.looks[0]).shader()
    assert len(looked.shader().text) > len(plain.shader().text)
