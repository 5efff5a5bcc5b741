"""Plays the workflows and pipelines to paste: `python -m tests.engines IMAGE`, with `--all` for every case.

It needs `docker`, and `act` or `gitlab-ci-local`. What is missing is named, and its cases are left out; if nothing can
be played, it ends with exit code 2. Names of cases, such as `github.hostile`, play these alone.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.engines import github, github_cases, gitlab, gitlab_cases
from tests.engines.github import GitHub
from tests.engines.gitlab import GitLab
from tests.engines.stage import IMAGE, AnyScenario, Problem, Stage, platform

Open = Callable[[AnyScenario], contextlib.AbstractContextManager[Any]]
Case = Callable[[Open], None]


class Engine(NamedTuple):
    """An engine, and what it plays. `images` are those that it needs besides TestGate's."""

    name: str
    program: str
    plays: str
    images: tuple[str, ...]
    cases: tuple[Case, ...]
    sample: tuple[Case, ...]
    open: Open

    def missing(self) -> str:
        """Why it can't play; "" if it can."""
        if not shutil.which(self.program):
            return f"{self.program} isn't on PATH"
        lacking = [image for image in self.images if not _has(image)]
        return f"there is no image {' and no '.join(lacking)}" if lacking else ""


def main(arguments: Sequence[str]) -> int:
    """Play the cases; returns the exit code: 1 if one went wrong, 2 if none could be played."""
    parser = argparse.ArgumentParser(prog="python -m tests.engines", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("image", help="TestGate's image")
    parser.add_argument("cases", nargs="*", help="cases to play, such as github.hostile")
    parser.add_argument("--all", action="store_true", help="play every case, not only a sample")
    parser.add_argument("--job-image", default="", help="the image of GitHub's jobs: bash, git and Node")
    given = parser.parse_intermixed_args(arguments)
    known = {f"github.{each.__name__}" for each in github_cases.CASES}
    known |= {f"gitlab.{each.__name__}" for each in gitlab_cases.CASES}
    if unknown := set(given.cases) - known:
        parser.error(f"no such cases: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    if not all(_docker("tag", given.image, name) for name in (IMAGE, github.ACTION_IMAGE)):
        print(f"engines: SKIPPED everything: `docker` reaches no daemon, or there is no image {given.image}.")
        return 2
    with tempfile.TemporaryDirectory(prefix="testgate-engines-") as folder:
        job_image = given.job_image or next(filter(_has, github.JOB_IMAGES), github.JOB_IMAGES[0])
        counts = [_play(each, given.cases, every=given.all) for each in _engines(Path(folder), job_image)]
    played, wrong = (sum(numbers) for numbers in zip(*counts, strict=True))
    print(f"engines: {played} cases played, {wrong} of them went wrong")
    return 1 if wrong else 0 if played else 2


def _engines(root: Path, job_image: str) -> list[Engine]:
    """Both engines; everything that they write is below `root`."""
    action = github.checkout(root / "action")
    return [
        Engine(
            "github",
            github.PROGRAM,
            "GitHub's workflows",
            (job_image,),
            github_cases.CASES,
            github_cases.SAMPLE,
            _opener(root, lambda stage: GitHub(stage, action, job_image)),
        ),
        Engine(
            "gitlab",
            gitlab.PROGRAM,
            "GitLab's pipelines",
            gitlab.IMAGES,
            gitlab_cases.CASES,
            gitlab_cases.SAMPLE,
            _opener(root, GitLab),
        ),
    ]


def _opener(root: Path, make: Callable[[Stage], Any]) -> Open:
    """A function that opens a stage with a platform of its own, in a folder of its own."""

    @contextlib.contextmanager
    def opened(scenario: AnyScenario) -> Iterator[Any]:
        # The jobs write as root, and the engine may not be: what can't be removed is left to the system.
        with tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True) as folder, platform(scenario) as vendor:
            yield make(Stage(Path(folder), vendor, os.environ))

    return opened


def _play(engine: Engine, names: Sequence[str], *, every: bool) -> tuple[int, int]:
    """Play an engine's cases; returns how many were played, and how many went wrong."""
    chosen = [
        each
        for each in (engine.cases if every or names else engine.sample)
        if not names or f"{engine.name}.{each.__name__}" in names
    ]
    if why := engine.missing():
        print(f"engines: SKIPPED {engine.plays}, {len(chosen)} cases: {why}.", flush=True)
        return 0, 0
    wrong = 0
    for case in chosen:
        began = time.monotonic()
        problem = ""
        try:
            case(engine.open)
        except (Problem, OSError, subprocess.SubprocessError) as error:
            problem = f"WRONG: {error!s}"
            wrong += 1
        took = time.monotonic() - began
        print(f"engines: {engine.name}.{case.__name__}: {problem or 'as it should be'} ({took:.0f} s)", flush=True)
    if len(chosen) < len(engine.cases) and not names:
        print(f"engines: {len(engine.cases) - len(chosen)} more cases of {engine.plays} with `make engines ALL=1`")
    return len(chosen), wrong


def _has(image: str) -> bool:
    """Whether there is such an image."""
    return _docker("image", "inspect", image)


def _docker(*arguments: str) -> bool:
    """Whether a command of docker succeeds."""
    try:
        done = subprocess.run(["docker", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
