"""Plays many seeds on all cores: `python -m tests.worlds --seeds 5000`; one with its log: `--play worlds --seed 17`."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from types import MappingProxyType

from tests.worlds.document import Tally, write
from tests.worlds.playing import Played, play_equal, play_job_lie, play_jobs, play_lie, play_seed

PLAYS: Mapping[str, Callable[[int], Played]] = MappingProxyType(
    {"worlds": play_seed, "equal": play_equal, "jobs": play_jobs, "lies": play_lie, "job-lies": play_job_lie}
)


def main() -> int:
    """Play, report, and exit with 1 if a verdict is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.worlds", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5000, help="how many to play")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, default=None, help="play only this one, and print its log")
    parser.add_argument("--play", choices=PLAYS, default=None, help="play only this kind")
    parser.add_argument("--document", action="store_true", help="write the numbers to docs/reliability.md")
    given = parser.parse_args()
    names = [given.play] if given.play else [*PLAYS]
    if given.seed is not None:
        plays = {name: PLAYS[name](given.seed) for name in names}
        sys.stdout.writelines(report_of(name, played) for name, played in plays.items())
        return int(any(played.problems for played in plays.values()))
    found = [_many(name, range(given.first, given.first + given.seeds)) for name in names]
    if given.document and all(wrong == 0 for wrong, _tally in found):
        write([tally for _wrong, tally in found])
    return int(any(wrong for wrong, _tally in found))


def report_of(name: str, played: Played) -> str:
    """A play's log, what was wrong with it, and how to see it again."""
    lie = f"The lie: {played.lie}\n" if played.lie else ""
    wrong = "".join(f"WRONG: {problem}\n" for problem in played.problems)
    return (
        f"{played.log}{name} {played.seed}: {played.conclusion} ({played.code}), {played.reason}\n"
        f"The truth: {played.ruling.red or 'green'}\n{lie}{wrong}"
        f"Again: python -m tests.worlds --play {name} --seed {played.seed}\n"
    )


def _many(name: str, seeds: range) -> tuple[int, Tally]:
    """Play them, print a summary, and return how many were wrong, and the numbers."""
    began = time.monotonic()
    ends: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    examples: dict[str, int] = {}
    lied = truly_green = green = false_green = 0
    bad: list[Played] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for played in pool.map(PLAYS[name], seeds, chunksize=50):
            ends[played.conclusion] += 1
            lied += bool(played.lie)
            truly_green += not played.ruling.red
            green += played.code == 0
            false_green += played.false_green
            if played.false_red:
                kinds[played.false_red] += 1
                examples.setdefault(played.false_red, played.seed)
            bad += [played] if played.problems else []
    if bad:
        sys.stdout.write(report_of(name, bad[0]))
        sys.stdout.writelines(f"{name} {each.seed}: {each.problems[0]}\n" for each in bad[:50])
    sys.stdout.write(
        f"{name}: {len(seeds)} seeds, {time.monotonic() - began:.0f} s; wrong: {len(bad)}\n"
        f"  conclusions: {_counted(ends)}\n"
        f"  truly green {truly_green}, green {green}, false green {false_green}, with a lie {lied}\n"
        f"  false reds: {_counted(kinds)}\n"
    )
    return len(bad), Tally(name, len(seeds), lied, truly_green, green, false_green, kinds, examples)


def _counted(found: Counter[str]) -> str:
    """`passed 12, failed 3`."""
    return ", ".join(f"{word} {number}" for word, number in found.most_common()) or "none"


if __name__ == "__main__":
    sys.exit(main())
