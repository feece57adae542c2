"""Every preset, written from real plates and read back by a second reader: values, windows, attributes, names.

The second reader is OpenImageIO; of Cryptomattes also the library of their specification's test files.
"""

from __future__ import annotations

import importlib
import json
import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from app.exporting import ExportReport, export
from app.movie_file import MovieFile
from app.review_page import PageMaker, Panel
from core.color import ColorConfig
from core.cryptomatte import cryptomattes
from core.delivery import PRESETS, ExportPlan, preset
from core.errors import Cancelled, ExportError
from core.exr import read_channels, read_header
from core.foreground.steps import Despill, Foreground
from core.frames import FrameNumber, FrameRange
from core.geometry import Window
from core.layer import Layer, LayerId
from core.matte import Matte, Provenance
from core.picture import Picture
from core.plate import Plate
from core.plate_reader import PlateReader, open_plate
from core.shot import Shot
from tests.walks.plates import davis_as_exr

oiio = pytest.importorskip("OpenImageIO", reason="the second reader is not installed")
try:
    cryptomatte_api: Any = importlib.import_module("cryptomatte_api")
except ImportError:  # it has wheels for some systems only
    cryptomatte_api = None

LAYERS = (Layer("hero", "Hero"), Layer("ball", "Bäll 2"), Layer("sky", "Sky"), Layer("rope", "Rope"))
MADE_BY = Provenance("propagate", "propagate", "3", "ab" * 32)


@dataclass
class Shooting:
    """A real plate, with made mattes over its canvas."""

    plate: Plate
    color: ColorConfig
    folder: Path

    def matte(self, layer_id: LayerId, frame: FrameNumber) -> Matte:
        """Half of it 0 or 1, the rest soft; every layer and frame its own. Layers overlap."""
        height, width = self.plate.canvas.shape
        rng = np.random.default_rng([frame, len(layer_id), ord(layer_id[0])])
        tile = np.clip(rng.uniform(-0.5, 1.5, (61, 67)), 0, 1).astype(np.float16)
        coverage = np.tile(tile, (height // 61 + 1, width // 67 + 1))[:height, :width]
        coverage[height // 2 :] = 0.25
        return Matte(self.plate.canvas, np.ascontiguousarray(coverage), 0.9, MADE_BY)

    def expected(self, layer_id: LayerId, frame: FrameNumber, window: Window) -> npt.NDArray[np.float32]:
        return self.matte(layer_id, frame).over(window)

    def picture(self, frame: FrameNumber) -> Picture:
        return read(self.plate, self.color, frame)

    def export(self, preset_id: str, layers: tuple[str, ...] = ("hero",), **more: Any) -> ExportReport:
        chosen = preset(preset_id)
        frames = more.pop("frames", FrameRange(self.plate.frames.first, self.plate.frames.first + 1))
        stop_after = more.pop("stop_after", 1 << 30)
        plan = ExportPlan(
            str(self.folder / chosen.name),
            layers,
            frames,
            more.pop("kind", chosen.kind),
            pixel_type=more.pop("pixel_type", chosen.pixel_type),
            foreground=chosen.foreground,
            **more,
        )
        shot = Shot((self.plate,), None, LAYERS)
        said: list[float] = []
        return export(
            plan,
            shot,
            self.matte,
            self.picture,
            lambda done, _: said.append(done),
            lambda: len(said) >= stop_after,
            self.color,
        )

    def file(self, pattern: str) -> Path:
        (found,) = sorted(self.folder.glob(pattern))
        return found


@lru_cache
def read(plate: Plate, color: ColorConfig, frame: FrameNumber) -> Picture:
    """A frame, once for all tests."""
    return PlateReader(plate, color).read(frame)


@pytest.fixture(scope="module")
def color() -> ColorConfig:
    return ColorConfig.load()


@pytest.fixture
def beachball(shared_data: Path, color: ColorConfig, tmp_path: Path) -> Shooting:
    """A part of a multi-part stereo EXR: overscan, camera attributes, multi-view."""
    path = shared_data / "exr/openexr-images/Beachball/multipart.0001.exr"
    return Shooting(open_plate(path, color, part="rgba_left"), color, tmp_path)


@pytest.fixture(scope="module")
def swan_plate(shared_data: Path, color: ColorConfig, tmp_path_factory: pytest.TempPathFactory) -> Plate:
    path = davis_as_exr(shared_data, "blackswan", tmp_path_factory.mktemp("swan"), frames=2)
    return open_plate(path, color)


@pytest.fixture
def swan(swan_plate: Plate, color: ColorConfig, tmp_path: Path) -> Shooting:
    """Of a DAVIS shot, with a camera's attributes; its width is even, its height is not divisible by 16."""
    return Shooting(swan_plate, color, tmp_path)


@pytest.fixture(params=["beachball", "swan"])
def shooting(request: pytest.FixtureRequest) -> Shooting:
    made: Shooting = request.getfixturevalue(request.param)
    return made


def second(path: Path) -> tuple[Any, dict[str, npt.NDArray[np.float32]]]:
    """The header and the channels as OpenImageIO gives them, associated with nothing."""
    image = oiio.ImageBuf(str(path))
    spec = image.spec()
    pixels = np.asarray(image.get_pixels(oiio.FLOAT)).reshape(spec.height, spec.width, spec.nchannels)
    return spec, {name: pixels[..., place] for place, name in enumerate(spec.channelnames)}


def windows(spec: Any) -> tuple[Window, Window]:
    """(data, display)."""
    return (
        Window(spec.x, spec.y, spec.x + spec.width, spec.y + spec.height),
        Window(spec.full_x, spec.full_y, spec.full_x + spec.full_width, spec.full_y + spec.full_height),
    )


OF_STORAGE = {"compression", "name", "oiio:subimagename", "oiio:subimages"}
"""What OpenImageIO says of a file's own storage, beside all that begins with `openexr:`."""
OF_COLORS = {"chromaticities", "whiteLuminance"}


def attributes_of_plate(shooting: Shooting, frame: FrameNumber) -> dict[str, Any]:
    """What OpenImageIO reads beside the pixels of the plate's own part."""
    image = oiio.ImageInput.open(str(shooting.plate.path).replace("####", f"{frame:04d}"))
    place = 0
    while shooting.plate.part and image.spec(place).getattribute("name") != shooting.plate.part:
        place += 1
    found = {each.name: each.value for each in image.spec(place).extra_attribs}
    return {name: value for name, value in found.items() if name not in OF_STORAGE and not name.startswith("openexr:")}


def check_header(shooting: Shooting, frame: FrameNumber, spec: Any, layers: int) -> None:
    """The plate's windows, pixel aspect and attributes, and where the mattes came from, all as OpenImageIO has them."""
    picture, plate = shooting.picture(frame), shooting.plate
    assert windows(spec) == (picture.data_window, plate.format.display)
    carried = attributes_of_plate(shooting, frame)
    assert carried["PixelAspectRatio"] == plate.format.pixel_aspect
    assert "smpte:TimeCode" in carried or plate.part == "rgba_left"
    for name in carried.keys() - OF_COLORS:
        assert repr(spec.getattribute(name)) == repr(carried[name]), name
    assert spec.getattribute("penumbra/version")
    if layers == 1:
        assert spec.getattribute("penumbra/weights") == MADE_BY.weights_sha256
    else:
        assert len(json.loads(spec.getattribute("penumbra/layers"))) == layers


def test_exr_presets_come_back_from_another_reader(shooting: Shooting) -> None:
    """Matte, layers, RGB and comp: the plate's windows, exact values, its attributes, provenance."""
    frame = shooting.plate.frames.first
    many = ("hero", "ball", "sky")
    files = {
        "matte": "*_Hero_v001*exr",
        "layers": "*_mattes_*exr",
        "rgb": "*_rgb1_*exr",
        "comp": "*_comp_*exr",
    }
    for preset_id, pattern in files.items():
        layers = ("hero",) if preset_id == "matte" else many
        shooting.export(preset_id, layers, frames=FrameRange(frame, frame))
        spec, channels = second(shooting.file(pattern))
        check_header(shooting, frame, spec, len(layers))
        picture, (data, _) = shooting.picture(frame), windows(spec)
        coverage = {layer: shooting.expected(layer, frame, data) for layer in many}
        if preset_id == "matte":
            assert spec.channelnames == ("A",)
            assert np.array_equal(channels["A"], coverage["hero"])
        elif preset_id == "layers":
            assert sorted(channels) == ["B_ll_2.A", "Hero.A", "Sky.A"]
            for name, layer in zip(sorted(channels), ("ball", "hero", "sky"), strict=True):
                assert np.array_equal(channels[name], coverage[layer])
        elif preset_id == "rgb":
            assert spec.channelnames == ("R", "G", "B")
            for name, layer in zip("RGB", many, strict=True):
                assert np.array_equal(channels[name], coverage[layer])
        else:
            together = 1 - np.prod([1 - each for each in coverage.values()], axis=0, dtype=np.float32)
            for place, name in enumerate("RGBA"):
                wanted = picture.rgba[..., place].astype(np.float32) * together
                assert np.abs(channels[name] - wanted.astype(np.float16).astype(np.float32)).max() <= 2e-3


def decoded(spec: Any, channels: dict[str, npt.NDArray[np.float32]], wanted: str) -> npt.NDArray[np.float32]:
    """A matte out of a Cryptomatte, written from its specification alone: the id is the manifest's, never a hash."""
    (attribute,) = [each.name for each in spec.extra_attribs if each.name.endswith("/manifest")]
    prefix = attribute.removesuffix("/manifest")
    assert spec.getattribute(f"{prefix}/hash") == "MurmurHash3_32"
    assert spec.getattribute(f"{prefix}/conversion") == "uint32_to_float32"
    name = spec.getattribute(f"{prefix}/name")
    hexadecimal = json.loads(spec.getattribute(attribute))[wanted]
    (as_float,) = struct.unpack(">f", bytes.fromhex(hexadecimal))
    total = np.zeros((spec.height, spec.width), np.float32)
    for level in range(3):
        for of_id, of_coverage in (("r", "g"), ("b", "a")):
            ids, coverage = channels[f"{name}{level:02d}.{of_id}"], channels[f"{name}{level:02d}.{of_coverage}"]
            total = total + np.where(ids == np.float32(as_float), coverage, 0)
    return total


def test_a_cryptomatte_is_decoded_by_other_implementations(shooting: Shooting) -> None:
    """Each layer comes out as it went in, to the last bit, also where layers overlap; pairs fall in coverage. Decoded
    from the specification, by the library of its own test files where it can be installed, and by our reader."""
    frame = shooting.plate.frames.first
    layers = tuple(layer.id for layer in LAYERS)
    shooting.export("cryptomatte", layers, frames=FrameRange(frame, frame))

    path = shooting.file("*_crypto_*exr")
    spec, channels = second(path)
    check_header(shooting, frame, spec, len(layers))
    assert spec.getattribute("cryptomatte/" + header_key(path) + "/name") == "crypto_penumbra"
    data, _ = windows(spec)
    for layer in LAYERS:
        assert np.array_equal(decoded(spec, channels, layer.name), shooting.expected(layer.id, frame, data))
    ranked = [channels[f"crypto_penumbra{rank // 2:02d}.{'ga'[rank % 2]}"] for rank in range(6)]
    assert all((first >= after).all() for first, after in pairwise(ranked))
    assert not ranked[4].any()
    (ours,) = cryptomattes(read_header(path).parts[0])
    back = read_channels(path)
    for layer in LAYERS:
        assert np.array_equal(ours.coverage(back, layer.name), shooting.expected(layer.id, frame, data))
    if cryptomatte_api is not None:
        (theirs,) = cryptomatte_api.Cryptomatte.load(str(path))
        masks = theirs.masks()
        assert sorted(masks) == sorted(layer.name for layer in LAYERS)
        for layer in LAYERS:
            assert np.array_equal(masks[layer.name], shooting.expected(layer.id, frame, data))


def header_key(path: Path) -> str:
    (name,) = [
        name for name in read_header(path).parts[0].attributes if name.startswith("cryptomatte/") and "/name" in name
    ]
    return str(name).split("/")[1]


@pytest.mark.parametrize(("preset_id", "ending"), [("png16", "png"), ("tiff16", "tif")])
def test_stills_hold_sixteen_bits(shooting: Shooting, preset_id: str, ending: str) -> None:
    """The display window as whole numbers of 65535, grey, no alpha; who made it is in the file."""
    frame = shooting.plate.frames.first
    shooting.export(preset_id, frames=FrameRange(frame, frame))
    path = shooting.file(f"*_Hero_v001*.{ending}")

    image = oiio.ImageBuf(str(path))
    levels = np.asarray(image.get_pixels(oiio.UINT16))[..., 0]
    display = shooting.plate.format.display
    expected = np.rint(shooting.expected("hero", frame, display).astype(np.float64) * 65535)
    assert np.array_equal(levels, expected)
    assert (image.spec().nchannels, image.spec().alpha_channel) == (1, -1)
    assert b"penumbra/matteKey" in path.read_bytes()


@pytest.mark.parametrize(("ending", "use_alpha"), [("png", False), ("tif", True)])
def test_several_mattes_in_one_still(swan: Shooting, ending: str, use_alpha: bool) -> None:
    """Three as R, G, B; four in a TIFF, the fourth not multiplied into the others."""
    layers = ("hero", "ball", "sky", "rope")[: 4 if use_alpha else 3]
    frame = swan.plate.frames.first
    chosen = preset("rgb")
    plan = ExportPlan(
        str(swan.folder / chosen.name).replace(".exr", f".{ending}"),
        layers,
        FrameRange(frame, frame),
        "rgb",
        use_alpha=use_alpha,
    )
    export(plan, Shot((swan.plate,), None, LAYERS), swan.matte, swan.picture, lambda *_: None, lambda: False)

    levels = np.asarray(oiio.ImageBuf(str(swan.file(f"*.{ending}"))).get_pixels(oiio.UINT16))
    assert levels.shape[2] == len(layers)
    for place, layer in enumerate(layers):
        coverage = swan.expected(layer, frame, swan.plate.format.display)
        assert np.array_equal(levels[..., place], np.rint(coverage.astype(np.float64) * 65535))


def test_more_layers_than_channels_are_several_files(swan: Shooting) -> None:
    """The fourth layer is R of the second file; what is left over is zero, in every frame."""
    swan.export("rgb", ("hero", "ball", "sky", "rope"))

    frame = swan.plate.frames.first
    channels = read_channels(swan.file(f"*_rgb2_v001.{frame:04d}.exr"))
    assert sorted(channels) == ["B", "G", "R"]
    assert np.array_equal(channels["R"], swan.matte("rope", frame).coverage)
    assert not channels["G"].any()
    assert not channels["B"].any()


def test_core_and_edge_are_the_matte(swan: Shooting) -> None:
    """What is solid and what is soft, each a channel of its own; together they are the matte to the last bit."""
    frame = swan.plate.frames.first
    swan.export("layers", ("hero", "ball"), core_and_edge=True, frames=FrameRange(frame, frame))

    _, channels = second(swan.file("*.exr"))
    assert sorted(channels) == ["B_ll_2.A", "B_ll_2_core.A", "B_ll_2_edge.A", "Hero.A", "Hero_core.A", "Hero_edge.A"]
    assert np.array_equal(channels["Hero_core.A"] + channels["Hero_edge.A"], channels["Hero.A"])
    assert set(np.unique(channels["Hero_core.A"])) == {0.0, 1.0}
    assert channels["Hero_edge.A"].max() < 1


def test_a_foreground_comes_back_from_another_reader(shooting: Shooting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the matte, over the plate's windows, the plate's own color where it is solid, black where nothing is."""
    frame, inside = shooting.plate.frames.first, shooting.picture(shooting.plate.frames.first).data_window
    left, top = inside.x0 + 300, inside.y0 + 100
    small = Matte(Window(left, top, left + 61, top + 61), shooting.matte("hero", frame).coverage[:61, :61].copy(), 0.9)
    small = replace(small, provenance=MADE_BY)
    monkeypatch.setattr(shooting, "matte", lambda _layer_id, _frame: small)
    shooting.export("foreground", frames=FrameRange(frame, frame))

    spec, channels = second(shooting.file("*_foreground_v001.*.exr"))
    check_header(shooting, frame, spec, 1)
    plate, (data, _) = shooting.picture(frame), windows(spec)
    assert sorted(channels) == ["A", "foreground.B", "foreground.G", "foreground.R"]
    coverage = shooting.expected("hero", frame, data)
    solid = coverage == 1
    rgb = np.dstack([channels[f"foreground.{name}"] for name in "RGB"])
    assert solid.any()
    assert np.array_equal(channels["A"], coverage)
    assert np.array_equal(rgb[solid], plate.rgba[..., :3][solid].astype(np.float32))
    assert np.isfinite(rgb).all()
    assert not rgb[:64].any()


BT709_LIMITED = (1, 1, 1, 1)
"""Of range, matrix, primaries and transfer, as both codecs number them."""


def tagged(movie: Any) -> tuple[int, int, int, int]:
    """What a player is told of the colors."""
    codec = movie.streams.video[0].codec_context
    return int(codec.color_range), int(codec.colorspace), int(codec.color_primaries), int(codec.color_trc)


def test_h264_colors_are_what_its_tags_say(tmp_path: Path) -> None:
    """Patches of display colors come back through BT.709's own formula, limited range, within two levels of 255."""
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [200, 120, 40]], np.uint8)
    with MovieFile(tmp_path / "patches.mp4", (192, 32), Fraction(24)) as movie:
        movie.add(np.repeat(np.repeat(colors[None], 32, axis=0), 32, axis=1))

    with av.open(str(tmp_path / "patches.mp4")) as movie:
        assert tagged(movie) == BT709_LIMITED
        (frame,) = movie.decode(movie.streams.video[0])
    y, u, v = (np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, -1) for plane in frame.planes)
    luma = (y[16, 16:192:32].astype(float) - 16) / 219
    blue, red = ((plane[8, 8:96:16].astype(float) - 128) / 224 for plane in (u, v))
    rgb = np.stack([luma + 1.5748 * red, luma - 0.18732 * blue - 0.46812 * red, luma + 1.8556 * blue], 1)
    assert np.abs(255 * rgb - colors).max() < 2.5


def test_prores_has_the_matte_to_its_last_bit(shooting: Shooting) -> None:
    """Ten bits of alpha as they went in, each frame its own; colors of the display beside them, not premultiplied."""
    two = shooting.plate.format.display.width < 900
    first = shooting.plate.frames.first
    shooting.export("prores4444", frames=FrameRange(first, first + two))

    with av.open(str(shooting.file("*_straight_v001.mov"))) as movie:
        stream = movie.streams.video[0]
        assert tagged(movie) == BT709_LIMITED
        assert (stream.codec_context.name, stream.codec_context.codec_tag) == ("prores", "ap4h")
        assert "straight alpha" in movie.metadata["comment"]
        frames = list(movie.decode(stream))
    assert len(frames) == 1 + two
    display = shooting.plate.format.display
    for number, picture in enumerate(frames, first):
        assert (picture.width, picture.height) == (display.width, display.height)
        alpha = np.frombuffer(bytes(picture.planes[3]), np.uint16).reshape(picture.height, -1)[:, : picture.width]
        bits = picture.format.components[3].bits
        expected = np.rint(1023 * shooting.expected("hero", number, display))
        assert np.array_equal(alpha >> (bits - 10), expected)
    if not two:  # the colors of a large frame take long, and are no others
        return
    shown = frames[0].to_ndarray(format="rgb24").astype(float)
    view = shooting.color.display(shooting.color.default_display, shooting.color.default_view)
    wanted = 255 * np.clip(view.exact(shooting.picture(first).rgb_over(display)), 0, 1)
    assert np.abs(shown - wanted).mean() < 3


def test_prores_of_an_anamorphic_plate_says_how_wide_its_pixels_are(swan: Shooting) -> None:
    """As many pixels as the plate has; a player widens them."""
    wide = replace(swan.plate, format=replace(swan.plate.format, pixel_aspect=2.0))
    first = wide.frames.first
    replace(swan, plate=wide).export("prores4444", frames=FrameRange(first, first))

    with av.open(str(swan.file("*_straight_v001.mov"))) as movie:
        stream = movie.streams.video[0]
        assert (stream.width, stream.height) == (854, 480)
        assert float(stream.sample_aspect_ratio or 0) == 2.0


def test_the_review_movie_plays(shooting: Shooting) -> None:
    """H.264, even sizes; the matte stands left, the comp right."""
    first = shooting.plate.frames.first
    shooting.export("h264", frames=FrameRange(first, first))

    with av.open(str(shooting.file("*_review_v001.mp4"))) as movie:
        (frame,) = movie.decode(movie.streams.video[0])
        assert tagged(movie) == BT709_LIMITED
    assert (frame.width % 2, frame.height % 2) == (0, 0)
    matte = frame.to_ndarray(format="rgb24")[frame.height // 2 : -8, 8 : frame.width // 2 - 8]
    assert abs(float(np.median(matte)) - 0.25 * 255) < 4


def test_the_review_s_comp_is_the_one_that_is_delivered(swan: Shooting) -> None:
    """With the foreground of the layer: over grey, a despilled subject is not the plate's color any more."""
    window, first = swan.plate.format.display, swan.plate.frames.first
    view = swan.color.display(swan.color.default_display, swan.color.default_view)
    green = Picture(np.full((*window.shape, 4), (0.1, 0.6, 0.1, 1), np.float16), window, swan.plate.format)
    matte = Matte(window, np.full(window.shape, 0.5, np.float16))
    panels = [
        Panel("comp", "comp", ((replace(LAYERS[0], foreground=foreground), matte),))
        for foreground in (Foreground(), Foreground((Despill(),)))
    ]
    maker = PageMaker(
        swan.plate, view, "side by side", 400, notes=False, title="", comp_color=(0.18, 0.18, 0.18), opacity=1.0
    )
    page = maker.page(first, green, panels, ())

    plain, despilled = page[page.shape[0] // 2, [100, 300]].astype(int)
    assert plain[1] - despilled[1] > 40
    wanted = np.array([[[0.14, 0.39, 0.14, 1]]], np.float32)
    assert np.abs(plain - view.apply(wanted)[0, 0, :3].astype(int)).max() <= 1


def test_a_movie_is_whole_or_absent(swan: Shooting) -> None:
    """Cancelled, it is not there; and it is not kept in pieces."""
    with pytest.raises(Cancelled, match="after 1 of 2 frames"):
        swan.export("prores4444", stop_after=1)
    assert list(swan.folder.iterdir()) == []
    with pytest.raises(ExportError, match="a movie is written whole"):
        swan.export("prores4444", resume=True)


def test_a_sidecar_holds_the_names(swan: Shooting) -> None:
    """The manifest beside the frames, found by the reader, also for names no file name may have."""
    frame = swan.plate.frames.first
    swan.export("cryptomatte", ("hero", "ball"), sidecar=True, frames=FrameRange(frame, frame))

    path = swan.file("*.exr")
    attributes = read_header(path).parts[0].attributes
    assert not any(name.endswith("/manifest") for name in attributes)
    (crypto,) = cryptomattes(read_header(path).parts[0], path.parent)
    assert sorted(crypto.manifest) == ["Bäll 2", "Hero"]
    assert np.array_equal(
        crypto.coverage(read_channels(path), "Bäll 2"), swan.expected("ball", frame, swan.plate.data_window)
    )


def test_the_next_free_version_is_written(swan: Shooting) -> None:
    """v001 is there, so it is v002; of what is there nothing changes."""
    first = swan.export("matte", version_up=True)
    second_ = swan.export("matte", version_up=True)

    assert ["_v001." in first.patterns[0], "_v002." in second_.patterns[0]] == [True, True]
    assert len(list(swan.folder.glob("*.exr"))) == 4


def test_every_preset_is_tested() -> None:
    """A preset that is added here is added above."""
    assert [each.id for each in PRESETS] == [
        *("matte", "foreground", "layers", "rgb", "cryptomatte", "comp", "png16", "tiff16", "prores4444", "h264")
    ]
