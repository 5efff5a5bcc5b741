"""Plays many seeds on all cores: `python -m tests.soak --seeds 5000`. `--seed 17` replays one, with its log."""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.soak.play import PlayedSeed, play_seed


def main() -> int:
    """Play and report; returns 1 if a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5000, help="how many to play")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, default=None, help="play this one alone, and print its log")
    given = parser.parse_args()
    if given.seed is not None:
        played = play_seed(given.seed)
        sys.stdout.write(report_of(played))
        return 1 if played.problems else 0
    return _many(range(given.first, given.first + given.seeds))


def report_of(played: PlayedSeed) -> str:
    """The log of a play, its broken promises, and how to replay it."""
    wrong = "".join(f"BROKEN: {problem}\n" for problem in played.problems)
    return f"{played.log}seed {played.seed}: {played.conclusion}\n{wrong}Again: make soak SEED={played.seed}\n"


def _many(seeds: range) -> int:
    """Play the seeds, and print a summary."""
    began = time.monotonic()
    seconds = requests = 0.0
    ends: Counter[str] = Counter()
    bad: list[PlayedSeed] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for played in pool.map(play_seed, seeds, chunksize=50):
            seconds, requests = seconds + played.seconds, requests + played.requests
            ends[played.conclusion] += 1
            bad += [played] if played.problems else []
    if bad:
        sys.stdout.write(report_of(bad[0]))
        sys.stdout.writelines(f"seed {each.seed}: {each.problems[0]}\n" for each in bad[:50])
    sys.stdout.write(
        f"{len(seeds)} seeds, {seconds / 3600:.0f} simulated hours, {requests:.0f} requests, "
        f"{time.monotonic() - began:.0f} s; broken: {len(bad)}\n"
        f"conclusions: {', '.join(f'{word} {number}' for word, number in ends.most_common())}\n"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
