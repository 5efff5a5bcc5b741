"""CircleCI: variables for the later steps of the job.

CircleCI documents that each step runs in its own bash, which first reads the file named by `BASH_ENV`, and that a
rerun job gets a new number.
"""

from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act
from testgate.gate.outputs import as_env
from testgate.platforms.advice import check_the_secret, docker_options, no_secrets_for_forks
from testgate.platforms.builds import BuildFacts
from testgate.platforms.limits import shortened
from testgate.platforms.words import Words
from testgate.text import clean

# In characters, each of which can take four bytes. An environment variable holds at most 128 KiB. Exported variables go
# into every process of the later steps, which have 2 MiB for them and everything else.
_LONGEST_VALUE = 16_000
_NEEDED = (
    "CIRCLE_BUILD_NUM",
    "CIRCLE_BUILD_URL",
    "CIRCLE_NODE_INDEX",
    "CIRCLE_PROJECT_REPONAME",
    "CIRCLE_JOB",
    "CIRCLE_BRANCH",
    "CIRCLE_TAG",
    "CIRCLE_SHA1",
    "CIRCLE_PIPELINE_ID",
    "CIRCLE_PULL_REQUEST",
    "CIRCLE_PR_USERNAME",
    "CIRCLE_PR_REPONAME",
)


class CircleCI(Words):
    """Prints plain words; outputs become variables of the steps that follow."""

    name = "circleci"

    @property
    def _facts(self) -> BuildFacts:
        """The job's number. Parallel containers share it, and each has an index."""
        get = self._get
        number, index = get("CIRCLE_BUILD_NUM"), get("CIRCLE_NODE_INDEX")
        container = f".{index}" if index not in {"", "0"} else ""
        return BuildFacts(
            run=f"{number}{container}" if number else get("CIRCLE_WORKFLOW_JOB_ID"),
            url=get("CIRCLE_BUILD_URL"),
            name="/".join(filter(None, (get("CIRCLE_PROJECT_REPONAME"), get("CIRCLE_JOB")))),
            number=number,
            branch=get("CIRCLE_BRANCH") or get("CIRCLE_TAG"),
            commit=get("CIRCLE_SHA1"),
            pipeline=get("CIRCLE_PIPELINE_ID"),
            job_name=f"{get('CIRCLE_JOB')}{container}",
            change=get("CIRCLE_PULL_REQUEST").rpartition("/")[2],
        )

    @property
    def hint(self) -> str:
        """A container that a script starts has only the variables that it was passed."""
        if self._get("BASH_ENV") and self._get("CIRCLE_BUILD_NUM"):
            return ""
        return (
            "some of the job's variables are missing: those of the build, or the one that names the file for outputs "
            "(BASH_ENV). Use the image as the job's `docker` image, or pass them to `docker run`: -e BASH_ENV "
            f'-v "$(dirname "$BASH_ENV"):$(dirname "$BASH_ENV")" {docker_options(*_NEEDED)}'
        )

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Pull requests from forks get no secrets by default. Only they have these variables."""
        if not self.from_fork(_read):
            return ""
        return no_secrets_for_forks("CircleCI", "job in the workflow", r"filters: {branches: {ignore: /pull\/.*/}}")

    def from_fork(self, _read: Callable[[str], str]) -> bool:
        """Return True if one of the variables is set that only builds of forks have."""
        return bool(self._get("CIRCLE_PR_USERNAME") or self._get("CIRCLE_PR_REPONAME"))

    @property
    def secrets_place(self) -> str:
        """Where CircleCI keeps variables."""
        where = "Project Settings > Environment Variables, or in a context that the job names"
        return check_the_secret(where, "it is called TESTGATE_API_KEY, or passed on under that name")

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append lines that bash reads before each later step. A later line replaces an earlier one of its name."""
        short = {name: shortened(name, clean(value), _LONGEST_VALUE) for name, value in values.items()}
        lines = "".join(f"export {line}\n" for line in as_env(short).splitlines())
        # The last line of the file may have no line break; blank lines mean nothing.
        return self._append("BASH_ENV", lines and f"\n{lines}")
