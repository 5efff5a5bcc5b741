"""Measures everything, and prints one table: medians, spread, and how they compare with the committed figures.

python -m bench                       all of it, three rounds: about ten minutes
python -m bench --only start,small    some of it
python -m bench --write               and keep the medians in bench/figures.json
python -m bench --datadog FOLDER      with the peer from npm; see bench/peers.py

Seconds depend on the machine, so most figures are ratios to something that is measured beside them.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import large_run, many_runs, peers, startup
from bench.environment import released
from bench.measuring import measure
from bench.polling.__main__ import measure as replayed
from bench.polling.__main__ import ratios
from bench.polling.traces import HELD_OUT, draw

FIGURES = Path(__file__).with_name("figures.json")
_PAIRS = 12  # starts in each round


class Figure(NamedTuple):
    """One measured number, and what it should be at most; None if nothing is promised."""

    name: str
    value: float
    target: float | None = None


def start(_datadog: Path | None) -> Iterator[Figure]:
    """The start, beside a bare one, and what a described platform adds to it."""
    bare, coded, described, own = zip(*startup.measured([], _PAIRS), strict=True)
    yield Figure("start to trigger / bare start", startup.ratio_of(coded, bare), 1.05)
    yield Figure("start, described platform / bare start", startup.ratio_of(described, bare), 1.05)
    yield Figure("start, described platform: ms more", startup.more_ms(described, coded), 40)
    yield Figure("start, file of one's own: ms more", startup.more_ms(own, coded), 40)


def small(_datadog: Path | None) -> Iterator[Figure]:
    """A run of 20 tests."""
    with released() as python:
        bare = _cpu([python, "-I", "-c", startup.BASELINE])
    found = measure(20, 3.0)
    yield Figure("20 tests: CPU / bare start", found.cpu / bare, 1.75)
    yield Figure("20 tests: MB", found.megabytes, 45.0)


def large(_datadog: Path | None) -> Iterator[Figure]:
    """Runs of 1 000 and of 100 000 tests."""
    fast = {"TESTGATE_REQUESTS_PER_SECOND": "200"}
    some = measure(1_000, 1.0, inputs=fast)
    yield Figure("1 000 tests: s after the end", some.lag, 0.6)
    yield Figure("1 000 tests: requests after the end", some.after, 15)
    unit = large_run.written_plain(100_000)
    many = measure(100_000, 1.0, inputs=fast)
    yield Figure("100 000 tests: CPU / junit-xml", many.cpu / unit, large_run.TARGET_RATIO)
    yield Figure("100 000 tests: MB", many.megabytes, 150.0)


def many(_datadog: Path | None) -> Iterator[Figure]:
    """200 plans at once."""
    plans = range(1, 201)
    inputs = {"TESTGATE_REQUESTS_PER_SECOND": "200", "TESTGATE_MAX_PARALLEL": "200"}
    found = measure(20, many_runs.RUN_SECONDS, plans, inputs)
    yield Figure("200 plans: s", found.wall, many_runs.TARGET_SECONDS)
    yield Figure("200 plans: MB", found.megabytes, many_runs.TARGET_MEGABYTES)
    yield Figure("200 plans: threads", found.threads)


def polling(_datadog: Path | None) -> Iterator[Figure]:
    """Polls of random runs in simulated time; the same on every machine."""
    requests, lag = ratios([replayed(draw(HELD_OUT + number)) for number in range(4)], "auto")
    yield Figure("polling: requests / fixed 10 s", requests, 0.5)
    yield Figure("polling: lag / fixed 10 s", lag, 0.7)


def beside(datadog: Path | None) -> Iterator[Figure]:
    """Other ways to wait for a run of 8 s."""
    found, missing = peers.peers(datadog)
    for each in missing:
        print(f"MISSING: {each}", file=sys.stderr)
    for peer in found:
        yield Figure(f"8 s run, {peer.name}: s after the end", peer.lag)
        yield Figure(f"8 s run, {peer.name}: requests", peer.requests)
        yield Figure(f"8 s run, {peer.name}: s of CPU", peer.cpu)
        yield Figure(f"8 s run, {peer.name}: MB", peer.megabytes)


PARTS: Mapping[str, Callable[[Path | None], Iterator[Figure]]] = {
    "start": start,
    "small": small,
    "large": large,
    "many": many,
    "polling": polling,
    "peers": beside,
}
_SAME = frozenset({"polling"})  # one round tells all


def main() -> int:
    """Measure, print, and keep. What a part has measured is kept even if a later one fails."""
    options = _options()
    then: dict[str, float] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    now = dict(then)
    found: dict[str, list[Figure]] = {}
    for part in options.only:
        for number in range(1 if part in _SAME else options.rounds):
            for figure in PARTS[part](options.datadog):
                print(f"{part}, round {number + 1}: {figure.name} {figure.value:.2f}", file=sys.stderr)
                found.setdefault(figure.name, []).append(figure)
        now |= {name: round(median(each.value for each in figures), 3) for name, figures in found.items()}
        if options.write:
            FIGURES.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
    print(table(found, then))
    return 0


def table(found: Mapping[str, Sequence[Figure]], kept: Mapping[str, float]) -> str:
    """All figures, for people: the median, the lowest and the highest, and the median as a share of the kept one."""
    lines = [f"{'':46} {'median':>9} {'lowest':>9} {'highest':>9} {'wanted':>7} {'committed':>9} {'now / then':>10}"]
    for name, figures in found.items():
        values = [each.value for each in figures]
        middle, target, then = median(values), figures[0].target, kept.get(name)
        against = f"{then:9.2f} {middle / then:10.2f}" if then else f"{'none':>9} {'':>10}"
        wanted = "" if target is None else f"{target:g}"
        lines.append(f"{name:46} {middle:9.2f} {min(values):9.2f} {max(values):9.2f} {wanted:>7} {against}")
    return "\n".join(line.rstrip() for line in lines)


def _cpu(command: Sequence[str]) -> float:
    """Seconds of CPU that a command takes."""
    with subprocess.Popen(command) as process:
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: 3)")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[*PARTS], help=", ".join(PARTS))
    parser.add_argument("--write", action="store_true", help="keep the medians in bench/figures.json")
    parser.add_argument("--datadog", type=Path, help="the folder that datadog-ci is installed in")
    options = parser.parse_args()
    if unknown := [part for part in options.only if part not in PARTS]:
        parser.error(f"--only: there is no {unknown[0]}; choose from {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
