"""Describes a build from the facts that a CI gives about it."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from testgate.ports import Build
from testgate.text import one_line

# In characters. With the random part that is added later, a build number stays below 100 characters: no test platform
# documents how long it may be.
_LONGEST_RUN = 40
_LONGEST_BRANCH = 30
_COMMIT = 7
_NOT_IN_A_MARK = re.compile(r"[^A-Za-z0-9._]+")
_NOT_IN_A_URL = re.compile(r"[\s\"'<>`\\^{}|]")
_HASH = re.compile(r"(?i)[0-9a-f]{7,64}")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")
# No branch has a space in its name, so that no branch can pass for a pull request.
_CHANGE = re.compile(r"[1-9][0-9]{0,9}")
_LONGEST_NAME = 250
_GIT_REFS = ("refs/heads/", "refs/tags/", "refs/")


class BuildFacts(NamedTuple):
    """What a CI says about a build. All of it is untrusted: whoever opens a pull request names the branch.

    `run` is unique among the project's builds and includes the attempt; without it nothing is known. `job` is shared
    by the steps of one job only, and defaults to `run`. `number` is the count that people see. `name` is the workflow,
    the pipeline or the repository. `pipeline` is the run without the attempt, where the CI counts attempts. The others
    are as in `ports.Build`; `series` is needed only where it is not that of the pull request or branch.
    """

    run: str = ""
    job: str = ""
    url: str = ""
    name: str = ""
    number: str = ""
    branch: str = ""
    commit: str = ""
    pipeline: str = ""
    attempt: str = ""
    job_name: str = ""
    target: str = ""
    base: str = ""
    change: str = ""
    series: str = ""


def described(facts: BuildFacts) -> Build:
    """The build that these facts describe."""
    if not facts.run:
        return Build()
    commit = facts.commit[:_COMMIT]
    mark = (_word(facts.run, _LONGEST_RUN), _word(facts.branch, _LONGEST_BRANCH), _word(commit, _COMMIT))
    counted = f"#{facts.number}" if facts.number else ""
    change = facts.change if _CHANGE.fullmatch(facts.change) else ""
    title = [one_line(each, 100) for each in (facts.name, facts.branch, counted, f"({commit})" if commit else "")]
    return Build(
        mark="-".join(filter(None, mark)),
        job=facts.job or facts.run,
        url=_page(facts.url),
        title=" ".join(filter(None, title)),
        run=one_line(facts.pipeline or facts.run, _LONGEST_NAME),
        attempt=int(facts.attempt) if _COUNT.fullmatch(facts.attempt) else 1,
        workflow=one_line(facts.name, _LONGEST_NAME),
        job_name=one_line(facts.job_name, _LONGEST_NAME),
        number=one_line(facts.number, _LONGEST_NAME),
        branch=one_line(facts.branch, _LONGEST_NAME),
        target=one_line(facts.target, _LONGEST_NAME),
        commit=facts.commit.lower() if _HASH.fullmatch(facts.commit) else "",
        base=facts.base.lower() if _HASH.fullmatch(facts.base) else "",
        change=change,
        series=one_line(facts.series or (f"change {change}" if change else facts.branch), _LONGEST_NAME),
    )


def short_ref(ref: str, prefixes: Sequence[str] = _GIT_REFS) -> str:
    """The name of a branch or tag as people know it: the Git ref without the first of these prefixes that it has."""
    return next((ref.removeprefix(prefix) for prefix in prefixes if ref.startswith(prefix)), ref)


def in_url(text: str) -> str:
    """The text, percent-encoded as one part of a URL; characters that UTF-8 can't encode become question marks."""
    return quote(text, safe="", errors="replace")


def _word(text: str, limit: int) -> str:
    """The text as a part of a build number: other characters than letters, digits and dots become underscores."""
    return _NOT_IN_A_MARK.sub("_", text)[:limit].strip("_.")


def _page(url: str) -> str:
    """The URL, or "" if it isn't one of a web page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and one_line(url, 2000) == url
    return url if usable and not _NOT_IN_A_URL.search(url) else ""
