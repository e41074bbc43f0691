"""The indices: every one answers as the linear one does."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprints.index.descriptors import DescriptorIndex, FlatIndex, flat_part, mapped_part, write_lists
from fingerprints.index.index import Index, JoinedIndex, LinearIndex, SegmentIndex, distances
from fingerprints.index.multi import MultiIndex, buckets
from fingerprints.model import Hashes, Hits


def _random(count: int, seed: int) -> Hashes:
    return np.random.default_rng(seed).integers(0, 2**64, (count, 4), dtype=np.uint64)


def _near(hashes: Hashes, flips: int, seed: int) -> Hashes:
    """Each with so many of its bits changed."""
    rng = np.random.default_rng(seed)
    changed = np.unpackbits(hashes.view(np.uint8), axis=1)
    for row in changed:
        row[rng.choice(256, flips, replace=False)] ^= 1
    return np.packbits(changed, axis=1).view("<u8")


def _same(one: Hits, other: Hits) -> bool:
    columns = ("queries", "entries", "distances")
    return all(np.array_equal(getattr(one, column), getattr(other, column)) for column in columns)


STORED = _random(60_000, 1)
LINEAR = LinearIndex(STORED)
SLOTS = (16, 13, 11)


@cache
def _multi(slots: int) -> MultiIndex:
    return MultiIndex.of(STORED, slots)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), flips=st.integers(0, 40), radius=st.integers(0, 40), slots=st.sampled_from(SLOTS))
def test_buckets_answer_exactly_as_looking_at_all(seed: int, flips: int, radius: int, slots: int) -> None:
    chosen = np.random.default_rng(seed).integers(0, len(STORED), 4)
    asked = np.concatenate([_near(STORED[chosen], flips, seed), _random(2, seed)])
    found = _multi(slots).search(asked, radius)
    assert _same(found, LINEAR.search(asked, radius))
    assert set(chosen[: 4 if flips <= radius else 0]) <= set(found.entries.tolist())


@pytest.mark.parametrize("slots", SLOTS)
@pytest.mark.parametrize("radius", [0, 15, 31])
def test_exactly_at_the_radius_is_found_and_over_it_is_not(slots: int, radius: int) -> None:
    asked = np.concatenate([_near(STORED[:200], radius, 3), _near(STORED[200:400], radius + 1, 3)])
    found = _multi(slots).search(asked, radius)
    assert found.entries.tolist() == list(range(200))
    assert set(found.distances.tolist()) == {radius}


def test_equal_hashes_are_all_found() -> None:
    crowd = np.repeat(STORED[:1], 30_000, axis=0)
    found = MultiIndex.of(np.concatenate([crowd, STORED])).search(STORED[:1], 3)
    assert len(found.entries) == 30_001


def test_opposite_hashes_are_256_apart() -> None:
    assert distances(STORED[:3], ~STORED[:3]).tolist() == [256] * 3
    assert LINEAR.search(~STORED[:1], 256).distances.max() == 256


@pytest.mark.parametrize("radius", [0, 31, 59, 90])
def test_all_compared_by_faiss_is_all_compared(radius: int) -> None:
    asked = np.concatenate([_near(STORED[:9], 31, 3), _near(STORED[:9], 59, 5), STORED[:3]])
    assert _same(FlatIndex(STORED[:2000]).search(asked, radius), LinearIndex(STORED[:2000]).search(asked, radius))


NOTHING = [LinearIndex(STORED[:0]), MultiIndex.of(STORED[:0]), FlatIndex(STORED[:0]), JoinedIndex([])]


@pytest.mark.parametrize("index", NOTHING, ids=type)
def test_an_empty_index_finds_nothing(index: Index) -> None:
    assert len(index) == 0
    assert index.search(STORED[:2], 31).entries.size == 0


def test_a_mapped_index_answers_as_one_in_memory(tmp_path: Path) -> None:
    order, starts = buckets(STORED, 16)
    for name, array in (("hashes", STORED), ("order", order), ("starts", starts)):
        np.save(tmp_path / name, array)
    mapped = MultiIndex(*(np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("hashes", "order", "starts")))
    asked = _near(STORED[:50], 20, 9)
    assert _same(mapped.search(asked, 31), LINEAR.search(asked, 31))


def test_joined_parts_count_entries_through_and_leave_out_what_was_removed() -> None:
    cuts = [(0, 10_000), (10_000, 10_003), (10_003, 60_000)]
    ordinals = np.arange(len(STORED), dtype=np.uint32) // 10
    views = (np.arange(len(STORED)) % 10).astype(np.uint8)
    parts = [SegmentIndex(MultiIndex.of(STORED[a:b]), ordinals[a:b], views[a:b]) for a, b in cuts]
    asked = _near(STORED[[5, 10_001, 59_999]], 12, 2)
    assert _same(JoinedIndex(parts).search(asked, 31), LINEAR.search(asked, 31))
    left = JoinedIndex(parts, removed=[0]).search(asked, 31)
    assert JoinedIndex(parts).key_images(left.entries).tolist() == [1000, 5999]
    assert JoinedIndex(parts).views(np.array([0, 1])) == ("whole", "zoom 0.91 at 1,1")


def _descriptors(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def test_descriptors_vote_for_the_key_image_that_they_come_from(tmp_path: Path) -> None:
    stored = _descriptors(6_000, 4)
    ordinals, starts = np.arange(100, 160, dtype=np.uint32), np.arange(60, dtype=np.int64) * 100
    write_lists(stored, tmp_path / "lists.ivf")
    noisy = _near(stored[1200:1300].view("<u8"), 20, 1).view(np.uint8)
    for part in (flat_part(stored, ordinals, starts), mapped_part(tmp_path / "lists.ivf", ordinals, starts)):
        (best, votes), *_ = DescriptorIndex([part]).vote(noisy)
        assert best == 112
        assert votes >= 60
        assert all(ordinal != 112 for ordinal, _ in DescriptorIndex([part], removed=[112]).vote(noisy))


def test_votes_over_parts_are_those_over_the_whole() -> None:
    stored = _descriptors(600, 6)
    starts = np.arange(3, dtype=np.int64) * 100
    cuts = [(0, 3), (3, 6), (6, 6)]
    parts = [flat_part(stored[100 * a : 100 * b], np.arange(a, b, dtype=np.uint32), starts[: b - a]) for a, b in cuts]
    assert DescriptorIndex(parts).vote(stored[250:420]) == [(3, 100), (2, 50), (4, 20)]
    assert DescriptorIndex([]).vote(stored) == []
    assert DescriptorIndex(parts).vote(stored[:0]) == []


def test_the_same_descriptors_give_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_lists(_descriptors(5_000, 8), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
