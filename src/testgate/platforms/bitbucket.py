"""Bitbucket Pipelines: words in the log, variables for the pipeline's later steps, JUnit where it is looked for.

Facts from Atlassian's documentation: lines `NAME=value` in a file, of which a step shares those that
its `output-variables` name, 50 and 100 KB in a pipeline at most. How it reads quotes, and what one
bad line does to the others, is not documented: so the lines hold nothing that could be read in two ways.
"""

import re
from collections.abc import Mapping, Sequence

from testgate.acts import Act, Append
from testgate.gate.outputs import as_variables
from testgate.platforms.limits import ID_LISTS, JSON_LISTS, shorter_ids
from testgate.platforms.words import Words, described
from testgate.ports import Build
from testgate.text import one_line

_MOST_BYTES = 4000  # of one value: all together stay below 100 KB
_LONGEST_TEXT = 1000  # in characters, of which each can need four bytes
_READ_IN_TWO_WAYS = re.compile(r"""["'`\\$]|(?<!\S)#""")


class Bitbucket(Words):
    """Says things in words; outputs become variables of later steps."""

    name = "bitbucket"
    junit_folder = "test-results"  # scanned for XML, as are three levels of folders in it

    @property
    def build(self) -> Build:
        """The pipeline's number, and how often its step has run; UUIDs stand in braces."""
        get = self._get
        number, attempt = get("BITBUCKET_BUILD_NUMBER"), get("BITBUCKET_STEP_RUN_NUMBER") or "1"
        repository, step = get("BITBUCKET_REPO_FULL_NAME"), get("BITBUCKET_STEP_UUID").strip("{}")
        run = f"{number}.{attempt}" if number else ""
        return described(
            run=run,
            job=".".join(filter(None, (run, step))),
            url=f"https://bitbucket.org/{repository}/pipelines/results/{number}" if repository else "",
            name=repository,
            number=number,
            branch=get("BITBUCKET_BRANCH") or get("BITBUCKET_TAG"),
            commit=get("BITBUCKET_COMMIT"),
        )

    @property
    def hint(self) -> str:
        """A container that the step started itself knows only what it was given."""
        if self._get("BITBUCKET_PIPELINES_VARIABLES_PATH") and self._get("BITBUCKET_BUILD_NUMBER"):
            return ""
        return (
            "the step's variables are not all here, so its build or the file for outputs "
            "(BITBUCKET_PIPELINES_VARIABLES_PATH) is not known. Use the image as the step's `image`, or name them in "
            "`docker run`: -e BITBUCKET_PIPELINES_VARIABLES_PATH -e BITBUCKET_PIPELINE_UUID -e BITBUCKET_BUILD_NUMBER "
            "-e BITBUCKET_STEP_RUN_NUMBER -e BITBUCKET_STEP_UUID -e BITBUCKET_REPO_FULL_NAME -e BITBUCKET_BRANCH "
            "-e BITBUCKET_TAG -e BITBUCKET_COMMIT"
        )

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file of the step's variables; a later line of a name replaces the earlier.

        The JSON lists are left out: they are full of quotes, and stand in `outputs.json`. Of the ids
        that come one by one only the first is told early: the file has no limit that is known.
        """
        path = self._environ.get("BITBUCKET_PIPELINES_VARIABLES_PATH", "")
        if not path or ("," in values.get("run-ids", "") and "conclusion" not in values):
            return []
        short = {name: _spelled(name, value) for name, value in values.items() if name not in JSON_LISTS}
        lines = "".join(f"{name}={value}\n" for name, value in as_variables(short).items())
        return [Append(path, lines)] if lines else []


def _spelled(name: str, value: str) -> str:
    """The value on one line, and without signs that another reader could take for its own.

    Words are respelled and cut, lists of ids cut between two ids. Anything else is right or left
    out: half a path, or one that is spelled otherwise, leads nowhere.
    """
    if name == "reason":
        return _READ_IN_TWO_WAYS.sub("_", one_line(value, _LONGEST_TEXT))
    if name in ID_LISTS:
        value = shorter_ids(value, _MOST_BYTES)
    usable = one_line(value, _MOST_BYTES) == value and not _READ_IN_TWO_WAYS.search(value)
    return value if usable and len(value.encode()) <= _MOST_BYTES else ""
