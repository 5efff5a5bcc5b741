"""The page that lists the faces."""

from ci_faces.fields import HEAD

_PAGE = """\
# TestGate in the words of your CI

<!-- {head} -->

Each folder has what users of that CI expect, with a short page on how to use and how to publish it. All of them run the
same image with the same inputs, and have no logic of their own. To see the whole pipeline instead, take it from
[docs/ci.md](../docs/ci.md).

| CI | What it is | How it was checked |
| --- | --- | --- |
{rows}
"Played" means: in an engine of that CI, with a real Docker daemon and a simulated platform (`make engines ALL=1`).
Nothing was published, and nothing was tested on a real server of these CIs.
"""
_ROWS = (
    ("GitLab", "gitlab", "CI/CD component", "played in gitlab-ci-local; schema"),
    ("CircleCI", "circleci", "orb", "schema"),
    ("Azure Pipelines", "azure", "template of steps", "schema; script run with a stand-in for docker"),
    ("Buildkite", "buildkite", "plugin", "its documentation; hooks run with stand-ins for docker and agent"),
    ("GitHub", "github", "reusable workflow", "played in act; schema, actionlint, zizmor"),
    ("Bitbucket", "bitbucket", "pipe", "its documentation"),
    ("Jenkins", "jenkins", "step of a shared library", "its documentation; Groovy's parser"),
    ("Tekton", "tekton", "Task", "its documentation"),
    ("Woodpecker", "woodpecker", "page of a plugin", "its documentation"),
    ("Drone, Harness", "drone", "page of a plugin", "its documentation"),
)


def page() -> str:
    """The page."""
    rows = "".join(f"| [{name}]({folder}/README.md) | {what} | {how} |\n" for name, folder, what, how in _ROWS)
    return _PAGE.format(head=HEAD, rows=rows)
