"""The history of builds on two branches, as one story: what each summary says, word for word."""

import json
import re
import signal
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Plan, Test, one_plan
from tests.support.builds import FEATURE, HISTORY, MAIN, Builds, plan
from tests.support.step import Left, finish, interrupt, run, start, wait_for_line
from tests.support.vendor import ENDLESS, GREEN, RED, cases, inputs, played, simulator

_FOLDS = re.compile(r"<details>.*?</details>\n*", re.DOTALL)
_TITLES = re.compile(r"<summary>(.*?)</summary>")
_LINKS = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def said(left: Left) -> list[str]:
    """Every sentence of the summary outside its tables: paragraphs, headings, titles of folds, and lists in them."""
    text = _LINKS.sub(r"\1", left.summary).replace("<span>#</span>", "#")
    found = []
    for line in text.split("\n"):
        title = _TITLES.search(line)
        shown = re.sub(r"</?b>|<br>&emsp;.*", "", title[1] if title else line).strip()
        if shown and not shown.startswith(("|", "<", "```", "Build:")):
            found.append(shown)
    return found


def numbers(left: Left) -> tuple[str, str, str]:
    """New and known failures, and fixed tests, as outputs."""
    return left.outputs["new-failures"], left.outputs["known-failures"], left.outputs["fixed"]


NAME = "Web shop: nightly regression"
RUN = f"{NAME} (run 337)"
REMEDY = "**What to do:** Open the run's page for steps and screenshots of the failed tests."


def test_the_story_of_eight_builds(tmp_path: Path) -> None:
    """Red, the same build again, fixed, flaky on a branch, renamed, cancelled, partial, and a damaged cache."""
    builds = Builds(tmp_path)

    red = builds.play(1, MAIN, plan("PFPP"))
    assert numbers(red) == ("", "", "")
    assert said(red) == []
