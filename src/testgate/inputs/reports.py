"""The inputs about what a step leaves behind."""

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple, get_args

from testgate.inputs.declaring import Options, option
from testgate.inputs.groups import Group
from testgate.inputs.lists import items
from testgate.inputs.values import Fault, Given, Kind, OptionalText, Switch, Text, key, key_parts, one_of
from testgate.redact import Secret

ANY = "any"


class Expected(NamedTuple):
    """Which legs there must be: so many, or these names; with neither, any number from one up."""

    number: int | None = None
    names: Sequence[str] = ()


def _expected(given: Given) -> Expected:
    """Read a number of legs, their names, or `any`."""
    names = items(given)
    if len(names) == 1 and names[0].lower() == ANY:
        return Expected()
    if len(names) == 1 and names[0].isascii() and names[0].isdigit():
        if not 1 <= int(names[0][:9]) <= _MOST_LEGS:
            raise Fault(f"must be from 1 to {_MOST_LEGS}")
        return Expected(int(names[0]))
    return Expected(names=names)


def _write_expected(expected: Expected | None) -> str:
    """Format it as users would write it."""
    if expected is None:
        return ""
    return str(expected.number) if expected.number else ", ".join(expected.names) or ANY


_MOST_LEGS = 200

MergeExpect = Annotated[Expected | None, Kind(_expected, _write_expected, several=True)]

NotifyFormat = Literal["slack", "teams"]
CommentWhen = Literal["false", "true", "changes"]


def _token_parts(given: Given) -> list[str]:
    """What to hide of a forge's token: some forges take it as a password, with or without a name before it."""
    password = given.text.partition(":")[2]
    return [*key_parts(given), f":{given.text}", *([password] if password else [])]


Token = Annotated[Secret | None, Kind(key, secrets=_token_parts)]


class ReportOptions(Options):
    """Reports, and the history that they compare with."""

    report_dir: Annotated[Text, Group.REPORTS] = option(
        default="testgate-report",
        description="The directory for reports. If another step of the job uses it, the next free name is used, such as"
        " `testgate-report-2`.",
        example="testgate-report",
    )
    junit_file: Annotated[OptionalText, Group.REPORTS] = option(
        default=None,
        description="The path of the JUnit report. By default, `junit.xml` in `report-dir`.",
        example="test-results/testgate.xml",
    )
    notify_file: Annotated[OptionalText, Group.REPORTS] = option(
        default=None,
        description="The path of a small JSON file for an incoming webhook of Slack or Teams, which a next step posts."
        " It is written however the step ends.",
        example="notify.json",
    )
    notify_format: Annotated[NotifyFormat, one_of(*get_args(NotifyFormat)), Group.REPORTS] = option(
        default="slack",
        description="For `notify-file`: the chat that it is for, `slack` or `teams`.",
        example="teams",
    )
    history_file: Annotated[OptionalText, Group.REPORTS] = option(
        default=None,
        description="A file with the results of earlier builds, which your CI's cache keeps. It tells new failures from"
        " known ones, and what was fixed. For `command: run`.",
        example=".testgate/history.json",
    )
    merge_from: Annotated[Text, Group.REPORTS] = option(
        default="testgate-reports/**/ctrf.json",
        description="For `command: merge`: a pattern for the `ctrf.json` files of the jobs. `**` stands for any"
        " folders.",
        example="testgate-reports/**/ctrf.json",
    )
    merge_expect: Annotated[MergeExpect, Group.REPORTS] = option(
        default=None,
        description="For `command: merge`, which needs it: how many legs there must be, or their names, or `any`. A leg"
        " is known by its `leg`, else by its `title`. A missing one makes the step red.",
        example="chrome, firefox, safari",
    )
    job_summary: Annotated[Switch, Group.REPORTS] = option(
        default=True, description="Whether to show the results on the page of the build.", example="false"
    )
    annotations: Annotated[Switch, Group.REPORTS] = option(
        default=True,
        description="Whether to show the most severe failed tests as annotations on the build.",
        example="false",
    )
    comment: Annotated[CommentWhen, one_of(*get_args(CommentWhen)), Group.REPORTS] = option(
        default="false",
        description="`true` writes the result as one comment on the pull or merge request, and updates it in later"
        " builds. `changes` does that only if the conclusion or the set of failures has changed. Needs `forge-token`.",
        example="changes",
    )
    forge_token: Annotated[Token, Group.REPORTS] = option(
        default=None,
        description="The token that the comment is written with, of GitHub, GitLab, Gitea, Forgejo, Bitbucket or Azure"
        " DevOps. It is sent to that service only.",
        example="${{ github.token }}",
    )
