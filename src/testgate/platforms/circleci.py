"""CircleCI: words in the log, and variables for the job's later steps.

Facts from CircleCI's documentation: each step is a bash of its own, which first reads the file that
`BASH_ENV` names; a job that is run again has a new number.
"""

from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Append
from testgate.gate.outputs import as_env
from testgate.platforms.limits import shortened
from testgate.platforms.words import Words, described
from testgate.ports import Build
from testgate.text import clean

# In characters, of which each can need four bytes. A variable of the environment has 128 KiB at most, and all that is
# exported goes into every process of the later steps, which have 2 MiB for that together with what else is there.
_LONGEST_VALUE = 16_000


class CircleCI(Words):
    """Says things in words; outputs become variables of the steps that follow."""

    name = "circleci"

    @property
    def build(self) -> Build:
        """The job's number; containers that run side by side share it and have an index each."""
        get = self._get
        number, index = get("CIRCLE_BUILD_NUM"), get("CIRCLE_NODE_INDEX")
        container = f".{index}" if index not in {"", "0"} else ""
        return described(
            run=f"{number}{container}" if number else get("CIRCLE_WORKFLOW_JOB_ID"),
            url=get("CIRCLE_BUILD_URL"),
            name="/".join(filter(None, (get("CIRCLE_PROJECT_REPONAME"), get("CIRCLE_JOB")))),
            number=number,
            branch=get("CIRCLE_BRANCH") or get("CIRCLE_TAG"),
            commit=get("CIRCLE_SHA1"),
        )

    @property
    def hint(self) -> str:
        """A container that the job started itself knows only what it was given."""
        if self._get("BASH_ENV") and self._get("CIRCLE_BUILD_NUM"):
            return ""
        return (
            "the job's variables are not all here, so its build or the file for outputs (BASH_ENV) is not known. Use "
            "the image as the job's `docker` image, or name them in `docker run`: -e BASH_ENV "
            '-v "$(dirname "$BASH_ENV"):$(dirname "$BASH_ENV")" -e CIRCLE_BUILD_NUM -e CIRCLE_BUILD_URL '
            "-e CIRCLE_NODE_INDEX -e CIRCLE_PROJECT_REPONAME -e CIRCLE_JOB -e CIRCLE_BRANCH -e CIRCLE_TAG "
            "-e CIRCLE_SHA1 -e CIRCLE_PR_USERNAME -e CIRCLE_PR_REPONAME"
        )

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Pull requests of forks get no secrets, unless the project was set so; only these have such variables."""
        if not (self._get("CIRCLE_PR_USERNAME") or self._get("CIRCLE_PR_REPONAME")):
            return ""
        return (
            "CircleCI gives no secrets to pull requests from forks. Leave the job out there, in the workflow:  "
            r"filters: {branches: {ignore: /pull\/.*/}}"
        )

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append lines that bash reads before each later step; a later line of a name replaces the earlier.

        One act for all values: a kill in between leaves whole lines only.
        """
        path = self._environ.get("BASH_ENV", "")
        short = {name: shortened(name, clean(value), _LONGEST_VALUE) for name, value in values.items()}
        text = "".join(f"export {line}\n" for line in as_env(short).splitlines())
        # The line before may lack its end; blank lines mean nothing.
        return [Append(path, f"\n{text}")] if path and text else []
