"""Cryptomatte as its makers write it: known ids, real files against their reference mattes, and ours."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.arrays import Float32
from core.cryptomatte import (
    Cryptomatte,
    attributes_of,
    channel_names,
    cryptomattes,
    encode,
    layer_key,
    manifest_of,
    murmur3,
    name_id,
    ranks_for,
)
from core.errors import ExportError, FrameError
from core.exr import read_channels, read_header, write_exr
from core.geometry import Format, Window

WINDOW = Window(0, 0, 40, 300)


@pytest.mark.parametrize(
    ("text", "seed", "expected"),
    [("", 0, 0), ("", 1, 0x514E28B7), ("a", 0, 0x3C2569B2), ("hello, world", 0, 0x149BBB7F), ("abcd", 0, 0x43ED676A)],
)
def test_murmur3_gives_its_published_values(text: str, seed: int, expected: int) -> None:
    assert murmur3(text.encode(), seed) == expected


@pytest.mark.parametrize(
    ("name", "hexadecimal"), [("Box001", "6d15e631"), ("Plane001", "ce9e0b32"), ("равнина", "9623511e")]
)
def test_ids_are_those_of_other_programs(name: str, hexadecimal: str) -> None:
    """As manifests of real files have them, letters of any script too."""
    assert f"{name_id(name):08x}" == hexadecimal
    assert [layer_key("crypto_object"), layer_key("uCryptoWildcard")] == ["f834d0a", "2ae4678"]


def test_every_id_is_a_number() -> None:
    """No name makes a NaN, an Inf, or a number so small that it may be taken for zero."""
    ids = np.array([name_id(f"layer {number}") for number in range(3000)], np.uint32).view(np.float32)

    assert np.isfinite(ids).all()
    assert (np.abs(ids) >= np.finfo(np.float32).tiny).all()


def test_real_files_decode_to_their_reference_mattes(shared_data: Path) -> None:
    """Every matte of every file, bit for bit, with manifests in the header and beside the file."""
    folder = shared_data / "exr/cryptomatte-api"
    compared = 0
    for path in sorted((folder / "images").glob("*.exr")):
        channels = read_channels(path)
        for crypto in cryptomattes(read_header(path).parts[0], path.parent):
            for reference in sorted((folder / "reference/arnold").glob(f"{crypto.name}_*.exr")):
                name = reference.stem.removeprefix(f"{crypto.name}_")
                wanted = name if name in crypto.manifest else f"<{name}>"
                assert np.array_equal(crypto.coverage(channels, wanted), read_channels(reference)["Y"])
                compared += bool(crypto.coverage(channels, wanted).any())
    assert compared >= 10


def test_real_manifests_agree_with_our_hash(shared_data: Path) -> None:
    """Over 400 names of four programs, however their channels are spelled."""
    names = {}
    for path in sorted((shared_data / "exr").glob("cryptomatte-*/**/*.exr")):
        for crypto in cryptomattes(read_header(path).parts[0], path.parent):
            assert len(crypto.ranks) >= 4
            assert not crypto.trouble
            names |= crypto.manifest
    assert len(names) > 400
    assert {name for name, known in names.items() if name_id(name) != known} == set()


def mattes() -> dict[str, Float32]:
    """Eight that overlap: some hard, some soft, some empty in places."""
    rng = np.random.default_rng(5)
    made = {}
    for number in range(8):
        soft = rng.uniform(-0.6, 1.2, WINDOW.shape).astype(np.float32)
        made[f"layer {number}"] = np.clip(soft, 0, 1)
    made["layer 0"][:150] = 0
    return made


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Eight overlapping mattes through a file: each as it was, pairs by falling coverage, zeros at the end."""
    path, wanted = tmp_path / "c.exr", mattes()
    ranks = ranks_for(len(wanted))
    channels = encode(wanted, "crypto_test", ranks)
    attributes = attributes_of("crypto_test", manifest_of(list(wanted)))
    write_exr(path, channels, data_window=WINDOW, format=Format(WINDOW), attributes=attributes)

    (crypto,) = cryptomattes(read_header(path).parts[0])
    back = read_channels(path)
    assert crypto.ranks == channel_names("crypto_test", ranks)
    assert crypto.ids(back) == {name_id(name) for name in wanted}
    for name, coverage in wanted.items():
        assert np.array_equal(crypto.coverage(back, name), coverage)
    ranked = [back[coverage] for _, coverage in crypto.ranks]
    for more, less in pairwise(ranked):
        assert (more >= less).all()
    for of_id, of_coverage in crypto.ranks:
        assert not back[of_id][back[of_coverage] == 0].any()


def test_too_few_ranks_keep_the_most() -> None:
    """Six ranks of eight mattes: what is dropped is what covers least."""
    wanted = mattes()
    channels = encode(wanted, "c", 6)

    kept = np.sort([channels[coverage] for _, coverage in channel_names("c", 6)], axis=0)
    assert np.array_equal(kept, np.sort(list(wanted.values()), axis=0)[-6:])
    assert [ranks_for(count) for count in (1, 6, 7, 12)] == [6, 6, 8, 12]


def test_names_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(ExportError, match=r"Hero: two layers have this name\. Rename one"):
        manifest_of(["Hero", "Hero"])


def test_a_name_that_is_not_there() -> None:
    """It says which there are; an id in <> needs no manifest."""
    crypto = Cryptomatte("c", {"Hero": name_id("Hero")}, channel_names("c", 6))

    with pytest.raises(FrameError, match=r"no matte 'Dog'\. Its mattes are: Hero"):
        crypto.id_of("Dog")
    assert crypto.id_of("<0000ff01>") == 0xFF01


@pytest.mark.parametrize(
    ("attribute", "value", "trouble"),
    [
        ("manifest", "{not json", "no JSON"),
        ("manifest", "[1]", "no JSON"),
        ("manifest", '{"Hero":"-1"}', "more than 32 bits"),
        ("manifest", '{"Hero":"1ffffffff"}', "more than 32 bits"),
        ("manif_file", "../secret.json", "another folder"),
        ("manif_file", "gone.json", "cannot be read"),
        ("manif_file", "", "brings no manifest"),
    ],
)
def test_a_broken_manifest_leaves_the_mattes(tmp_path: Path, attribute: str, value: str, trouble: str) -> None:
    """It is said, and ids still work; no file outside the folder is opened."""
    path = tmp_path / "c.exr"
    (tmp_path.parent / "secret.json").write_text('{"Hero": "00000001"}')
    attributes = attributes_of("c", manifest_of(["Hero"]))
    attributes = {name: text for name, text in attributes.items() if not name.endswith("manifest")}
    attributes[f"cryptomatte/{layer_key('c')}/{attribute}"] = value
    channels = encode({"Hero": np.ones(WINDOW.shape, np.float32)}, "c", 6)
    write_exr(path, channels, data_window=WINDOW, format=Format(WINDOW), attributes=attributes)

    (crypto,) = cryptomattes(read_header(path).parts[0], path.parent)
    assert trouble in crypto.trouble
    assert crypto.manifest == {}
    assert crypto.coverage(read_channels(path), f"<{name_id('Hero'):08x}>").all()
