"""The store: what was put is got, exactly, until something of it changes; and no file of any content stops a run."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import RunError, Unreadable
from media.identify import Format
from scanner.discover.discover import discover
from scanner.discover.formats import FileIdentify, Found, identify_file
from scanner.examine.codec import from_json, shape, to_json
from scanner.examine.store import Store, _tools
from scanner.model import (
    Asset,
    Digest,
    Evidence,
    Examination,
    Frames,
    Kind,
    Look,
    LookStatus,
    MediaFacts,
    Problem,
    ProblemCode,
)
from tests.contracts.written import SEQUENCES

TOOLS = "exif 1"
ASSET = Asset(path="a.png", root="r", location="/r", kind=Kind.IMAGE, media_type="image/png", size=1, mtime_ns=2)


def examination(asset: Asset = ASSET, *codes: str) -> Examination:
    problems = tuple(Problem(code=code, stage="examine", by="x", message="m") for code in codes)
    return Examination(asset=asset, digest=Digest(algorithm="xxh3-128", value="ab"), problems=problems)


def numbered(number: int) -> Asset:
    return replace(ASSET, path=f"{number}.png")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "examinations.sqlite"


class TestKeeping:
    def test_what_was_put_is_got_by_the_next_run(self, cache: Path) -> None:
        with Store.open(cache) as store:
            assert store.get(ASSET, TOOLS) is None
            store.put(examination(), TOOLS)
            assert store.get(ASSET, TOOLS) == examination()
        with Store.open(cache) as store:
            assert store.get(ASSET, TOOLS) == examination()
            assert store.warnings == []

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(replace(ASSET, size=9), id="size"),
            pytest.param(replace(ASSET, mtime_ns=9), id="mtime"),
            pytest.param(replace(ASSET, path="b.png"), id="path"),
            pytest.param(replace(ASSET, location="/s"), id="location"),
            pytest.param(replace(ASSET, media_type="image/jpeg"), id="recognised-as-another-thing"),
            pytest.param(replace(ASSET, sidecars=("a.xmp",)), id="a-sidecar-came"),
        ],
    )
    def test_what_has_changed_is_not_known(self, other: Asset) -> None:
        with Store.open(None) as store:
            store.put(examination(), TOOLS)
            assert store.get(other, TOOLS) is None

    def test_other_tools_know_nothing_and_forget_nothing(self) -> None:
        with Store.open(None) as store:
            store.put(examination(), TOOLS)
            assert store.get(ASSET, "exif 2") is None
            store.put(examination(), "exif 2")
            assert store.get(ASSET, TOOLS) is not None

    def test_the_asset_is_todays(self) -> None:
        today = replace(ASSET, root="renamed")
        with Store.open(None) as store:
            store.put(examination(), TOOLS)
            known = store.get(today, TOOLS)
        assert known is not None
        assert known.asset == today

    @pytest.mark.parametrize("touched", ["f.0002.dpx", "f.0003.xmp"])
    def test_every_frame_and_sidecar_counts(self, tmp_path: Path, touched: str) -> None:
        for name in [*(f"f.{n:04d}.dpx" for n in range(10)), "f.0003.xmp"]:
            (tmp_path / name).write_bytes(b"SDPX".ljust(2048, b"\0"))
            os.utime(tmp_path / name, ns=(10**18, 10**18))
        os.utime(tmp_path / "f.0009.dpx", ns=(2 * 10**18, 2 * 10**18))
        (asset,) = (asset for asset in discover([tmp_path]) if asset.frames)
        with Store.open(None) as store:
            store.put(examination(asset), TOOLS)
            assert store.get(asset, TOOLS) is not None
            os.utime(tmp_path / touched, ns=(10**18 + 1, 10**18 + 1))
            assert store.get(asset, TOOLS) is None

    def test_a_change_during_the_examination_is_seen_by_the_next_run(self, tmp_path: Path) -> None:
        (tmp_path / "a.xmp").touch()
        asset = replace(ASSET, location=str(tmp_path), sidecars=("a.xmp",))
        with Store.open(None) as store:
            assert store.get(asset, TOOLS) is None
            (tmp_path / "a.xmp").write_text("new words")
            store.put(examination(asset), TOOLS)
            assert store.get(asset, TOOLS) is None

    @pytest.mark.parametrize("code", ["crashed", "timed-out", "out-of-memory", "bug"])
    def test_what_was_lost_is_kept_and_asked_again_on_demand(self, code: str) -> None:
        with Store.open(None) as store:
            store.put(examination(ASSET, code), TOOLS)
            assert store.get(ASSET, TOOLS) is not None
            assert store.get(ASSET, TOOLS, retry=True) is None

    @pytest.mark.parametrize("code", ["unreadable", "cancelled"])
    def test_what_may_pass_is_told_in_this_run_only(self, code: str) -> None:
        with Store.open(None) as store:
            store.enlist([ASSET], TOOLS)
            store.put(examination(ASSET, code), TOOLS)
            assert [known.problems[0].code for known in store.examinations()] == [code]
            assert store.get(ASSET, TOOLS) is None


class TestRun:
    def test_examinations_come_in_the_order_of_discovery(self, cache: Path) -> None:
        assets = [numbered(number) for number in (5, 1, 4, 2, 3)]
        with Store.open(cache) as store:
            store.put(examination(assets[2]), TOOLS)
            assert store.enlist(assets, TOOLS) == [False, False, True, False, False]
            for asset in sorted(assets, key=lambda asset: asset.path):
                store.put(examination(asset), TOOLS)
            assert [known.asset for known in store.examinations()] == assets
            assert store.run.count() == 5

    @pytest.mark.parametrize("count", [0, 1, 3, 7])
    def test_those_that_wait_come_once_though_others_are_done_meanwhile(
        self, count: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scanner.examine.run_list._PAGE", 3)
        with Store.open(None) as store:
            store.put(examination(numbered(100)), TOOLS)
            store.enlist([numbered(100)], TOOLS)
            for number in range(count):
                store.enlist([numbered(number)], TOOLS)
            assert store.run.count_waiting() == count
            waited = []
            for asset in store.run.waiting():
                waited.append(asset)
                store.put(examination(asset), TOOLS)
            assert waited == [numbered(number) for number in range(count)]
            assert store.run.count_waiting() == 0

    def test_only_this_run_is_iterated(self, cache: Path) -> None:
        with Store.open(cache) as store:
            store.put(examination(numbered(1)), TOOLS)
        with Store.open(cache) as store:
            store.enlist([numbered(2)], TOOLS)
            assert list(store.examinations()) == []
            store.put(examination(numbered(2)), TOOLS)
            assert [known.asset.path for known in store.examinations()] == ["2.png"]

    def test_what_an_interrupted_run_did_not_reach_is_left_out_though_it_was_known_before(self, cache: Path) -> None:
        with Store.open(cache) as store:
            store.put(examination(), TOOLS)
        with Store.open(cache) as store:
            assert store.enlist([replace(ASSET, mtime_ns=99)], TOOLS) == [False]
            assert list(store.examinations()) == []

    def test_two_sequences_of_one_pattern_are_two(self) -> None:
        low, high = (replace(ASSET, path="f.%04d.dpx", frames=Frames(ranges=(ends,))) for ends in ((0, 9), (10, 19)))
        with Store.open(None) as store:
            for asset, value in ((low, "low"), (high, "high")):
                store.enlist([asset], TOOLS)
                store.put(replace(examination(asset), digest=Digest(algorithm="x", value=value)), TOOLS)
            assert [known.digest.value for known in store.examinations() if known.digest] == ["low", "high"]

    def test_a_killed_run_loses_nothing_that_was_put(self, cache: Path) -> None:
        code = (
            "import os, signal; from pathlib import Path; from tests.scanner import test_store as t\n"
            f"store = t.Store.open(Path({str(cache)!r}))\n"
            "for number in range(50): store.put(t.examination(t.numbered(number)), t.TOOLS)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        ended = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
        assert ended.returncode == -signal.SIGKILL
        with Store.open(cache) as store:
            assert all(store.get(numbered(number), TOOLS) for number in range(50))


def works_without(store: Store) -> bool:
    """Whether a run goes its way although there is no cache."""
    store.enlist([ASSET], TOOLS)
    store.put(examination(), TOOLS)
    return list(store.examinations()) == [examination()]


class TestBadCaches:
    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"not a database at all, only words" * 100, id="words"),
            pytest.param(b"SQLite format 3\0" + bytes(4080), id="only-a-header"),
            pytest.param(b"SQLite", id="cut-short"),
        ],
    )
    def test_a_broken_one_is_moved_aside(self, cache: Path, content: bytes) -> None:
        cache.parent.mkdir()
        cache.write_bytes(content)
        with Store.open(cache) as store:
            assert "moved" in store.warnings[0]
            assert works_without(store)
        assert cache.with_name(cache.name + ".broken").read_bytes() == content
        with Store.open(cache) as store:
            assert store.get(ASSET, TOOLS) is not None

    def test_anothers_database_is_not_touched(self, cache: Path) -> None:
        cache.parent.mkdir()
        with sqlite3.connect(cache) as foreign:
            foreign.execute("CREATE TABLE theirs (x)")
        foreign.close()
        before = cache.read_bytes()
        with Store.open(cache) as store:
            assert "another program" in store.warnings[0]
            assert works_without(store)
        assert cache.read_bytes() == before

    def test_a_newer_one_is_not_touched(self, cache: Path) -> None:
        Store.open(cache).close()
        with sqlite3.connect(cache) as newer:
            newer.execute("PRAGMA user_version = 999")
        newer.close()
        with Store.open(cache) as store:
            assert "newer" in store.warnings[0]
            assert works_without(store)

    def test_a_locked_one_is_left_to_its_owner(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("scanner.examine.store_file.BUSY_SECONDS", 0.05)
        Store.open(cache).close()
        owner = sqlite3.connect(cache, isolation_level=None)
        owner.execute("BEGIN EXCLUSIVE")
        with Store.open(cache) as store:
            assert "locked" in store.warnings[0]
            assert works_without(store)
        owner.close()

    def test_one_that_gets_locked_meanwhile_costs_one_wait(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("scanner.examine.store_file.BUSY_SECONDS", 0.05)
        with Store.open(cache) as store:
            owner = sqlite3.connect(cache, isolation_level=None)
            owner.execute("BEGIN EXCLUSIVE")
            assert works_without(store)
            assert len(store.warnings) == 1
            owner.close()

    def test_a_folder_in_its_place(self, cache: Path) -> None:
        cache.mkdir(parents=True)
        with Store.open(cache) as store:
            assert store.warnings
            assert works_without(store)

    def test_a_file_in_its_folders_place(self, cache: Path) -> None:
        cache.parent.write_text("a file")
        with Store.open(cache) as store:
            assert store.warnings
            assert works_without(store)

    @pytest.mark.parametrize("seed", range(12))
    def test_flipped_bytes_end_no_run(self, cache: Path, seed: int) -> None:
        with Store.open(cache) as store:
            for number in range(200):
                store.put(examination(numbered(number)), TOOLS)
        content = bytearray(cache.read_bytes())
        for at in range(100 + seed * 37, len(content), 449):
            content[at] ^= 0x5A
        cache.write_bytes(content)
        with Store.open(cache) as store:
            for number in range(200):
                if store.enlist([numbered(number)], TOOLS) == [False]:
                    store.put(examination(numbered(number)), TOOLS)
            try:
                assert [known.asset for known in store.examinations()] == [numbered(number) for number in range(200)]
            except RunError as error:
                assert "--no-cache" in str(error)  # noqa: PT017 - either the books balance, or the run says why not

    def test_an_older_shape_is_not_read(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with Store.open(cache) as store:
            store.put(examination(), TOOLS)
            monkeypatch.setattr("scanner.examine.store._SHAPE", "of another model")
            _tools.cache_clear()
            assert store.get(ASSET, TOOLS) is None
        _tools.cache_clear()  # it holds the other shape


class TestFormats:
    def test_a_warm_walk_opens_no_file(self, tmp_path: Path, cache: Path) -> None:
        for name in ("a/x.png", "a/y.png", "b/x.png"):
            (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "root" / name).write_bytes(b"\x89PNG\r\n\x1a\n")
        opened: list[str] = []

        def identify(found: Found) -> Format:
            opened.append(found.name)
            return identify_file(found)

        def walk(toolset: str = TOOLS) -> list[Asset]:
            opened.clear()
            with Store.open(cache) as store:
                return list(discover([tmp_path / "root"], identify=store.formats(FileIdentify(identify), toolset)))

        cold = walk()
        assert len(opened) == 3
        assert walk() == cold
        assert opened == []
        (tmp_path / "root/a/y.png").write_bytes(b"\xff\xd8\xff\xe0")
        assert [asset.media_type for asset in walk()] == ["image/png", "image/jpeg", "image/png"]
        assert opened == ["y.png"]
        walk("other tools")
        assert len(opened) == 3

    def test_a_refusal_is_not_remembered(self) -> None:
        answers = iter([Unreadable("no"), Format("image/png", (2, 1))])

        def identify(_: Found) -> Format:
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        file = Found("/r", "a\udcff.png", 1, 2)
        with Store.open(None) as store:
            known = store.formats(FileIdentify(identify), TOOLS)
            with pytest.raises(Unreadable):
                known(file)
            assert known(file) == Format("image/png", (2, 1))
            assert store.formats(FileIdentify(identify), TOOLS)(file) == Format("image/png", (2, 1))


byte_names = st.binary(min_size=1, max_size=40).map(os.fsdecode)
words = st.text(max_size=30) | byte_names | st.text(st.characters(categories=["Cs", "Cc", "Zl"]), max_size=5)
ranges = st.lists(st.tuples(st.integers(), st.integers()), max_size=3).map(tuple)
frames = st.none() | st.builds(Frames, ranges=ranges, missing=ranges)
problems = st.lists(
    st.builds(Problem, code=st.sampled_from(ProblemCode), stage=words, by=words, message=words, blocking=st.booleans()),
    max_size=2,
)
assets = st.builds(
    Asset, path=byte_names, root=words, location=byte_names, kind=st.sampled_from(Kind), media_type=words,
    size=st.integers(0), mtime_ns=st.integers(), frames=frames, sidecars=st.lists(byte_names, max_size=3).map(tuple),
    problems=problems.map(tuple),
)  # fmt: skip
evidence = st.builds(
    Evidence, reader=words, key=words, value=words, where=words, frames=ranges, id=words,
    facts=st.dictionaries(words, words, max_size=3),
)  # fmt: skip
looks = st.builds(Look, by=words, version=st.integers(), status=st.sampled_from(LookStatus))
examinations = st.builds(
    Examination,
    asset=assets,
    digest=st.none() | st.builds(Digest, algorithm=words, value=words),
    media=st.none() | st.builds(
        MediaFacts, width=st.none() | st.integers(), duration=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        rate=st.none() | words, codecs=st.lists(words, max_size=2).map(tuple),
    ),
    evidence=st.lists(evidence, max_size=3).map(tuple),
    looks=st.lists(looks, max_size=3).map(tuple),
    problems=problems.map(tuple),
    sequences=st.lists(SEQUENCES, max_size=2).map(tuple),
)  # fmt: skip


class TestCodec:
    @given(examinations)
    def test_every_examination_comes_back_exactly(self, original: Examination) -> None:
        again = from_json(Examination, to_json(original))
        assert again == original
        assert hash(again.asset) == hash(original.asset)

    @settings(max_examples=50)
    @given(examinations, words)
    def test_the_store_gives_back_what_it_got(self, original: Examination, toolset: str) -> None:
        asset = replace(original.asset, path=original.asset.path.replace("\0", ""), frames=None, sidecars=())
        kept = replace(original, asset=asset, problems=())
        with Store.open(None) as store:
            store.enlist([asset], toolset)
            store.put(kept, toolset)
            assert store.get(asset, toolset) == kept
            assert list(store.examinations()) == [kept]

    @pytest.mark.parametrize("text", ["[]", "{}", "3", '["a"]', "null", "[[]]"])
    def test_other_text_is_refused(self, text: str) -> None:
        with pytest.raises((ValueError, TypeError)):
            from_json(Examination, text.encode())

    def test_the_shape_tells_classes_apart(self) -> None:
        assert shape(Examination) == shape(Examination)
        assert len({shape(cls) for cls in (Examination, Asset, Evidence)}) == 3
