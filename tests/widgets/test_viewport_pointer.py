"""The pointer maps screen to plate and back exactly; a reduced picture is sampled where it says."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QRectF, QSizeF

from core.geometry import Format, Window
from widgets.viewport.lattice import Lattice
from widgets.viewport.pointer import Projection


def a_projection(zoom: float = 1.0, ratio: float = 1.0, aspect: float = 1.0) -> Projection:
    return Projection(zoom, 30.0, -12.0, aspect, ratio)


@pytest.mark.parametrize("zoom", [0.1, 0.5, 1.0, 3.7, 64.0])
@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("aspect", [1.0, 2.0, 0.5])
def test_there_and_back(zoom: float, ratio: float, aspect: float) -> None:
    """Plate → points → plate is the identity at any zoom, device pixel ratio and pixel aspect."""
    projection = a_projection(zoom, ratio, aspect)

    view = projection.to_view(-17.25, 400.5)

    assert projection.to_plate(view.x(), view.y()) == pytest.approx((-17.25, 400.5), abs=1e-9)


def test_one_to_one_is_device_pixels() -> None:
    """At zoom 1 on a screen of ratio 2, ten plate rows are ten device pixels, five points; wide pixels are wider."""
    projection = Projection(1.0, 0.0, 0.0, pixel_aspect=2.0, device_ratio=2.0)

    rect = projection.window_rect(Window(0, 0, 10, 10))

    assert (rect.width(), rect.height()) == (10.0, 5.0)


def test_zoom_keeps_what_is_under_the_cursor() -> None:
    """Forty small zooms in and out again end where they began, and the point under the cursor never slid."""
    projection = Projection(0.25, 10.3, 20.7)
    before = projection.to_plate(333.0, 222.0)

    for _ in range(20):
        projection = projection.zoomed_to(projection.zoom * 1.25, 333.0, 222.0)
    close = projection.to_plate(333.0, 222.0)
    for _ in range(20):
        projection = projection.zoomed_to(projection.zoom / 1.25, 333.0, 222.0)

    assert close == pytest.approx(before, abs=2.5)  # half a device pixel at zoom 0.25 is two plate pixels
    assert (projection.origin_x, projection.origin_y) == pytest.approx((10.3, 20.7), abs=1e-6)


def test_fit_holds_a_negative_origin_and_wide_pixels() -> None:
    """An anamorphic format that begins left of zero lies wholly inside the viewport, in its middle."""
    form = Format(Window(-100, -50, 300, 150), 2.0)

    rect = Projection.fitted(form, QSizeF(640, 480)).window_rect(form.display)

    assert QRectF(0, 0, 640, 480).contains(rect)
    assert rect.center().x() == pytest.approx(320, abs=1)
    assert rect.width() / rect.height() == pytest.approx(400 * 2.0 / 200, rel=0.01)


@pytest.mark.parametrize(
    ("zoom", "stride"), [(2.0, 1), (0.9, 1), (0.51, 1), (0.5, 2), (0.34, 2), (1 / 3, 3), (0.1, 10)]
)
def test_stride_never_starves_the_screen(zoom: float, stride: int) -> None:
    """The picture is reduced by the largest whole step that still gives every device pixel one of its own."""
    assert stride == a_projection(zoom).stride


def test_lattice_picks_the_middle_of_each_cell() -> None:
    """Cells of a window that begins at -3 hold the samples their plate window says, and an overlay the same ones."""
    window = Window(-3, 2, 8, 10)
    columns = np.arange(window.x0, window.x1)[None, :] * np.ones((window.height, 1))
    lattice = Lattice(window, 4)

    cells = lattice.cells(Window(1, 2, 8, 9))

    assert Window(1, 0, 3, 2) == cells
    assert columns[lattice.samples(cells)][0].tolist() == [3.0, 7.0]
    assert columns[lattice.samples(Window(0, 0, lattice.columns, lattice.rows))].shape == (
        lattice.rows,
        lattice.columns,
    )
