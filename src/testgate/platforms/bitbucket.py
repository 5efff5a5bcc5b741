"""Bitbucket Pipelines: variables for later steps, and JUnit reports in the folder that it scans.

Atlassian documents a file of `NAME=value` lines. A step shares the variables that its `output-variables` name: at most
50 per pipeline, 100 KB in total. How Bitbucket reads quotes, and what one bad line does to the others, isn't
documented, so the lines contain nothing that could be read in two ways.
"""

import re
from collections.abc import Mapping, Sequence

from testgate.acts import Act
from testgate.gate.outputs import as_variables
from testgate.platforms.advice import check_the_secret, docker_options
from testgate.platforms.builds import BuildFacts
from testgate.platforms.limits import ID_LISTS, JSON_LISTS, shorter_ids
from testgate.platforms.words import Words
from testgate.text import one_line

_FILE = "BITBUCKET_PIPELINES_VARIABLES_PATH"
_MOST_BYTES = 3800  # per value, so that all together stay below 100 KB
_LONGEST_TEXT = 1000  # in characters, each of which can take four bytes
_READ_IN_TWO_WAYS = re.compile(r"""["'`\\$]|(?<!\S)#""")
_NEEDED = (
    _FILE,
    "BITBUCKET_PIPELINE_UUID",
    "BITBUCKET_BUILD_NUMBER",
    "BITBUCKET_STEP_RUN_NUMBER",
    "BITBUCKET_STEP_UUID",
    "BITBUCKET_REPO_FULL_NAME",
    "BITBUCKET_BRANCH",
    "BITBUCKET_TAG",
    "BITBUCKET_COMMIT",
    "BITBUCKET_PR_ID",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "BITBUCKET_PR_DESTINATION_COMMIT",
)


class Bitbucket(Words):
    """Prints plain words; outputs become variables of later steps."""

    name = "bitbucket"
    junit_folder = "test-results"  # Bitbucket scans it, three levels deep

    @property
    def _facts(self) -> BuildFacts:
        """The pipeline's number, and how often its step has run. Bitbucket puts UUIDs in braces."""
        get = self._get
        number, attempt = get("BITBUCKET_BUILD_NUMBER"), get("BITBUCKET_STEP_RUN_NUMBER") or "1"
        repository, step = get("BITBUCKET_REPO_FULL_NAME"), get("BITBUCKET_STEP_UUID").strip("{}")
        run = f"{number}.{attempt}" if number else ""
        return BuildFacts(
            run=run,
            job=".".join(filter(None, (run, step))),
            url=f"https://bitbucket.org/{repository}/pipelines/results/{number}" if repository else "",
            name=repository,
            number=number,
            branch=get("BITBUCKET_BRANCH") or get("BITBUCKET_TAG"),
            commit=get("BITBUCKET_COMMIT"),
            pipeline=number,
            attempt=attempt,
            target=get("BITBUCKET_PR_DESTINATION_BRANCH"),
            base=get("BITBUCKET_PR_DESTINATION_COMMIT"),
            change=get("BITBUCKET_PR_ID"),
        )

    @property
    def hint(self) -> str:
        """A container that a script starts has only the variables that it was passed."""
        if self._get(_FILE) and self._get("BITBUCKET_BUILD_NUMBER"):
            return ""
        return (
            "some of the step's variables are missing: those of the build, or the one that names the file for outputs "
            f"({_FILE}). Use the image as the step's `image`, or pass them to `docker run`: {docker_options(*_NEEDED)}"
        )

    @property
    def secrets_place(self) -> str:
        """Where Bitbucket keeps variables."""
        where = "Repository settings > Pipelines > Repository variables (or those of the deployment or workspace)"
        return check_the_secret(where, "it is called TESTGATE_API_KEY, or passed on under that name")

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the step's variables file. A later line replaces an earlier one of the same name.

        JSON lists are left out, as they are full of quotes; `outputs.json` has them. Of the ids that arrive one by one,
        only the first is written early: the file may have a limit that nobody documents.
        """
        if "," in values.get("run-ids", "") and "conclusion" not in values:
            return []
        short = {name: _spelled(name, value) for name, value in values.items() if name not in JSON_LISTS}
        return self._append(_FILE, "".join(f"{name}={value}\n" for name, value in as_variables(short).items()))


def _spelled(name: str, value: str) -> str:
    """The value on one line, without characters that a reader could interpret.

    Words are changed and cut, lists of ids are cut between two ids. Anything else is exact or empty: half a path, or
    one with other characters, leads nowhere.
    """
    if name == "reason":
        return _READ_IN_TWO_WAYS.sub("_", one_line(value, _LONGEST_TEXT))
    if name in ID_LISTS:
        value = shorter_ids(value, _MOST_BYTES)
    usable = one_line(value, _MOST_BYTES) == value and not _READ_IN_TWO_WAYS.search(value)
    return value if usable and len(value.encode()) <= _MOST_BYTES else ""
