"""The bench measures what it says: each side plays the same, on runs small enough for the suite."""

from __future__ import annotations

import ctypes
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from subprocess import CalledProcessError
from types import SimpleNamespace

import numpy as np
import pytest

from simulator import study
from simulator.engine.build import build
from simulator.engine.draws import words
from simulator.outcomes.rows import Labels, frame
from tests.bench import anchor, bench, bilateral, engine, learned, process, runs, storing, timing
from tests.bench.timing import Row, Side, Target, paired


class TestTiming:
    """Paired turns on a clock that the sides themselves move."""

    @pytest.fixture
    def takes(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Side]:
        now = [0.0]
        clock = SimpleNamespace(process_time=lambda: now[0], perf_counter=lambda: now[0])
        monkeypatch.setattr(timing, "time", clock)
        monkeypatch.setattr(timing, "others", lambda: self.elsewhere(now[0]))

        def side(*seconds: float, units: float = 1.0) -> Side:
            left = iter(seconds)

            def work() -> float:
                now[0] += next(left)
                return units

            return work

        return side

    def elsewhere(self, now: float) -> float:
        """CPU time of the rest of the machine: busy until second 9, then nothing."""
        return min(now, 9.0)

    def test_median_and_quartiles_of_turns_per_unit(self, takes: Callable[..., Side]) -> None:
        found = paired("a / b", takes(1, 4, 2, 3, 5, units=2), takes(*[1] * 5), Target(2.0), turns=5)
        assert (found.low, found.ratio, found.high) == (1.0, 1.5, 2.0)
        assert found.met is False

    def test_stops_when_the_time_is_up_but_not_before_three_turns(self, takes: Callable[..., Side]) -> None:
        found = paired("a / b", takes(15, 30, 60), takes(15, 15, 15))
        assert found.ratio == 2.0

    def test_wall_time_counts_quiet_turns(self, takes: Callable[..., Side]) -> None:
        found = paired("a / b", takes(6, 1, 1, 1), takes(3, 1, 1, 1), clock="wall", turns=4)
        assert (found.ratio, found.what) == (1.0, "a / b")

    def test_wall_time_of_a_busy_machine_says_so(self, takes: Callable[..., Side]) -> None:
        found = paired("a / b", takes(3, 3, 3), takes(1, 1, 1), clock="wall", turns=3)
        assert (found.ratio, found.what) == (3.0, "a / b, on a busy machine")

    def test_the_machine_is_looked_at(self) -> None:
        before = timing.others()
        assert timing.others() >= before - 0.05
        if sys.platform == "linux":
            assert before > 0.0


class TestRuns:
    """What is played, and that its faces agree."""

    def test_growth_leaves_the_market_as_it_is(self) -> None:
        small, large = (runs.scenario("cellular", implementers=times) for times in (1, 3))
        assert [group.count for group in large.market.implementers] == [
            3 * group.count for group in small.market.implementers
        ]
        assert large.market.holders == small.market.holders
        docket = [float(build(one).forums[0].capacity) for one in (small, large)]
        assert docket[1] == 3 * docket[0]

    def test_ten_regimes(self) -> None:
        what = runs.scenario("cellular", regimes=runs.TEN)
        assert len(what.regimes) == 10
        assert runs.under(what, 3).regimes == (what.regimes[3],)

    def test_mesa_and_threads_play_the_same(self) -> None:
        what = runs.scenario("duopoly", replications=6)
        assert runs.stepped(what).outcomes().equals(frame(runs.played(what, 1), Labels.of(what)))
        assert runs.digest(runs.threaded(what, 2)) == runs.digest(runs.played(what))
        assert runs.handed_on(what, 2) == len(runs.played(what))
        assert runs.digest(runs.played(what, 5)) != runs.digest(runs.played(what))

    def test_months_are_counted_from_contact(self) -> None:
        rows = np.array([(3, 10), (5, 2)], dtype=[("notice_month", "i4"), ("licence_month", "i4")])
        assert runs.open_months(rows) == 7.0

    def test_sides_of_the_growth_rows(self) -> None:
        ten = runs.scenario("duopoly", regimes=runs.TEN, months=24)
        alone = [runs.under(ten, place) for place in range(runs.TEN)]
        assert engine.months(ten) == engine.sum_of_months(alone) > 0.0


class TestBilateral:
    """The same offers and the same end in NegMAS."""

    def test_paths_are_the_engines(self) -> None:
        for one in map(bilateral.talks, range(3)):
            asks = bilateral.concession(float(one.asks[0]), one.least, one.exponent_holder)
            bids = bilateral.concession(float(one.bids[0]), one.most, one.exponent_implementer)
            played = min(one.month + 1, bilateral.MONTHS)
            np.testing.assert_allclose(one.asks[:played], asks[:played], rtol=1e-12)
            np.testing.assert_allclose(one.bids[:played], bids[:played], rtol=1e-12)

    @pytest.mark.filterwarnings("ignore")
    def test_agreement(self) -> None:
        pytest.importorskip("negmas")
        for one in map(bilateral.talks, range(6)):
            other = bilateral.ended(bilateral.minimal(one))
            assert bilateral.agrees(one, other)
            assert not bilateral.agrees(one, other._replace(month=other.month + 1))
            assert not bilateral.agrees(one, other._replace(offers=[1.01 * offer for offer in other.offers]))
            assert abs(bilateral.ended(bilateral.stock(one)).month - one.month) <= 2

    def test_without_negmas(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bilateral, "find_spec", lambda _: None)
        (row,) = bilateral.rows()
        assert (row.ratio, row.met) == (None, None)
        assert row.what.endswith("skipped, NegMAS is not installed")


class TestAnchor:
    """The C market: the engine's chance, and rows that make sense."""

    @pytest.fixture
    def library(self) -> ctypes.CDLL:
        loaded = anchor.load()
        if loaded is None:
            pytest.skip("no C compiler")
        return loaded

    def test_philox_is_the_engines(self, library: ctypes.CDLL) -> None:
        seed, replication, entity, purpose, index = 2**40 + 3, 5, 7, 11, 13
        counter = (ctypes.c_uint32 * 4)(index, purpose, entity, replication)
        key = (ctypes.c_uint32 * 2)(seed & 0xFFFFFFFF, seed >> 32)
        library.philox(counter, key)
        drawn = counter[0] | counter[1] << 32, counter[2] | counter[3] << 32
        assert drawn == tuple(int(word) for word in words(seed, replication, entity, purpose, index))

    def test_rows(self, library: ctypes.CDLL) -> None:
        assert anchor.ROW.itemsize == 32
        months, rows = anchor.market(library, 2)
        assert np.array_equal(rows["replication"], np.repeat([0, 1], anchor.PAIRS))
        licensed = rows["state"] == 7
        assert np.array_equal(licensed, ~np.isnan(rows["price"]))
        assert 0.2 < licensed.mean() < 0.9
        assert rows["month"].sum() <= months <= anchor.MONTHS * len(rows)
        assert anchor.market(library, 2)[1].tobytes() == rows.tobytes()

    def test_without_a_compiler(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(anchor, "COMPILER", "no-such-compiler")
        monkeypatch.setattr(anchor, "load", anchor.load.__wrapped__)
        (row,) = anchor.rows()
        assert row.ratio is None
        assert row.what.endswith("skipped, no no-such-compiler here")


class TestWhole:
    """Batches and processes."""

    def test_a_stored_batch_is_the_batch(self) -> None:
        what = runs.scenario("duopoly", regimes=2, replications=6)
        assert storing.batch(what) == storing.batch(what, stored=False) != []

    def test_the_comparison_names_ten_regimes(self) -> None:
        given = process.comparison("folder")
        assert len(given[given.index("--regimes") + 1].split(",")) == 10

    def test_a_process_that_fails_stops_the_bench(self) -> None:
        with pytest.raises(CalledProcessError):
            process.process("-c", "raise SystemExit(1)")


class TestTable:
    """The table that is printed and stored."""

    ROWS = (
        Row("fast / slow", 0.5, 0.4, 0.6, Target(most=1.0), same=True),
        Row("slow / fast", 2.0, 1.0, 3.0, Target(most=1.0), same=False),
        Row("one / none: skipped", None, target=Target(least=2.0)),
    )

    def test_every_part_has_rows(self) -> None:
        assert all(callable(import_module(f"tests.bench.{part}").rows) for part in bench.PARTS)

    def test_lines(self) -> None:
        met, missed, skipped = (bench.line(row).split() for row in self.ROWS)
        assert met[:7] == ["0.5", "0.4", "0.6", "<=", "1", "yes", "same"]
        assert missed[5:7] == ["NO", "DIFFER"]
        assert skipped == [">=", "2", "one", "/", "none:", "skipped"]

    def test_parts_alone_are_not_stored(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["bench", "anchor"])
        monkeypatch.setattr(bench, "table", lambda parts: iter(self.ROWS[:1] if parts == ("anchor",) else ()))
        monkeypatch.setattr(bench, "STORED", bench.ROOT / "no" / "such.json")
        assert bench.main() == 0
        assert "fast / slow" in capsys.readouterr().out

    def test_all_parts_are_stored(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["bench"])
        monkeypatch.setattr(bench, "table", lambda _: iter(self.ROWS))
        monkeypatch.setattr(bench, "ROOT", tmp_path)
        monkeypatch.setattr(bench, "STORED", tmp_path / "bench" / "bench.json")
        assert bench.main() == 1, "outcomes that differ"
        kept = json.loads((tmp_path / "bench" / "bench.json").read_text(encoding="utf-8"))
        assert [row["met"] for row in kept["ratios"]] == [True, False, None]
        assert kept["ratios"][0]["target"] == "<= 1"
        assert "bench.json" in capsys.readouterr().out

    def test_unknown_part(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr(sys, "argv", ["bench", "speed"])
        with pytest.raises(SystemExit) as stopped:
            bench.main()
        assert stopped.value.code == 2
        assert "no part speed; there are engine" in capsys.readouterr().err

    def test_a_row_without_bounds_is_only_reported(self) -> None:
        assert replace(self.ROWS[0], target=Target()).met is None


@pytest.mark.slow
def test_the_line_of_learning_says_seconds_and_what_passed() -> None:
    found = learned.learned(study.learning(budget=100, rounds=1, starts=2, recall_seeds=0))
    assert found.ratio is not None
    assert found.ratio > 0
    assert "from 2 starts, 2 threads: 0 of 2 certificates passed, gains below" in found.what
