"""Where the simulated artist clicks next, and what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from app.bench.click_table import markdown, verdict
from app.bench.protocol import boundary_f, click_until_done, iou, next_click
from core.prompts import Click


def test_the_next_click_falls_on_the_middle_of_the_largest_error() -> None:
    truth = np.zeros((50, 80), bool)
    truth[10:31, 10:31] = True
    got = np.zeros_like(truth)
    got[40:45, 60:65] = True

    assert next_click(truth, got) == Click(20.5, 20.5, True)
    assert next_click(truth, truth | got) == Click(62.5, 42.5, False)
    assert next_click(truth, truth) is None


def test_a_pixel_is_not_clicked_twice_and_nobodys_never() -> None:
    truth = np.zeros((9, 9), bool)
    truth[2:7, 2:7] = True
    got = np.zeros_like(truth)
    counted = np.ones_like(truth)
    counted[:, :6] = False

    first = next_click(truth, got)
    second = next_click(truth, got, clicks=[Click(4.5, 4.5)])
    beside = next_click(truth, got, counted)

    assert first == Click(4.5, 4.5, True)
    assert second is not None
    assert second != first
    assert beside is not None
    assert beside.x == 6.5


def test_clicks_are_counted_until_the_answer_is_good_enough() -> None:
    """An answer that grows by one column a click: 85 % needs nine of ten columns, 90 % too, 95 % all ten."""
    truth = np.ones((10, 10), bool)

    def one_column_more(said: object) -> np.ndarray:
        got = np.zeros((10, 10), bool)
        got[:, : len(said)] = True  # type: ignore[arg-type]
        return got

    figures = click_until_done(truth, one_column_more)

    assert (figures["noc85"], figures["noc90"], figures["noc95"]) == (9, 9, 10)
    assert figures["iou_5"] == pytest.approx(0.5)
    assert figures["iou_20"] == figures["boundary_f"] == 1.0


def test_what_is_not_reached_counts_as_all_clicks() -> None:
    truth = np.zeros((10, 10), bool)
    truth[:5] = True

    figures = click_until_done(truth, lambda said: np.ones((10, 10), bool))

    assert figures["noc85"] == figures["noc95"] == 20
    assert figures["iou_20"] == pytest.approx(0.5)


def test_nobodys_pixels_are_not_counted() -> None:
    truth = np.zeros((4, 4), bool)
    truth[:2] = True
    got = np.ones_like(truth)
    counted = np.zeros_like(truth)
    counted[:3] = True

    assert iou(truth, got) == pytest.approx(0.5)
    assert iou(truth, got, counted) == pytest.approx(2 / 3)


def test_outlines_agree_within_a_part_of_the_diagonal() -> None:
    """A diagonal of 250: two pixels are near (0.008), five are not."""
    truth = np.zeros((150, 200), bool)
    truth[40:110, 50:150] = True

    assert boundary_f(truth, truth) == 1.0
    assert boundary_f(truth, np.roll(truth, 2, axis=1)) == 1.0
    apart = boundary_f(truth, np.roll(truth, 5, axis=1))
    assert 0.5 < apart < 0.7, "upper and lower edge still agree: about 200 of 340 pixels"
    assert boundary_f(truth, np.zeros_like(truth)) == 0.0
    assert boundary_f(np.zeros_like(truth), np.zeros_like(truth)) == 1.0


def _mean(method: str, noc90: float, iou_1: float = 0.9, iou_3: float = 0.95) -> dict[str, object]:
    figures = {f"noc{goal}": noc90 for goal in (85, 90, 95)} | {f"iou_{count}": 0.9 for count in (5, 10, 20)}
    about = {"set": "s", "case": "mean", "method": method, "cases": 3, "boundary_f": 0.5}
    return {**about, **figures, "iou_1": iou_1, "iou_3": iou_3, "ms_first": 300.0, "ms_per_click": 40.0}


@pytest.mark.parametrize(
    ("best", "noc90", "met"),
    [(12.0, 6.0, True), (12.0, 6.1, False), (6.0, 6.0, True), (6.0, 6.5, False), (2.0, 1.5, True)],
)
def test_half_the_clicks_where_more_than_six_were_needed_and_never_more(best: float, noc90: float, met: bool) -> None:
    inside = [_mean("select", noc90), _mean("grabcut", best, 0.5, 0.6), _mean("geodesic", 20.0, 0.5, 0.6)]

    assert (verdict(inside[0], inside) == "met") == met


def test_the_first_clicks_must_beat_every_baseline() -> None:
    inside = [_mean("select", 2.0, 0.6, 0.8), _mean("grabcut", 5.0, 0.5, 0.6), _mean("geodesic", 20.0, 0.7, 0.5)]

    assert verdict(inside[0], inside) == "missed: iou_1 .600, wanted over .700"
    assert verdict(inside[1], inside) == ""
    assert "| s (3) | select | 2.00 / 2.00 / 2.00 | .600 .800 .900 .900 .900 | .500 | 300, 40 | missed" in markdown(
        inside
    )
