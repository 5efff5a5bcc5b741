"""The inputs about what a step leaves behind."""

from typing import Annotated

from pydantic import Field

from testgate.inputs.groups import Group
from testgate.inputs.reading import Options
from testgate.inputs.values import OptionalText, Switch, Text


class ReportOptions(Options, defer_build=True):  # it is read as part of CommonOptions only
    """Reports, and the history that they compare with."""

    report_dir: Annotated[Text, Group.REPORTS] = Field(
        default="testgate-report",
        description="The directory for reports. If another step of the job uses it, the next free name is used, such as"
        " `testgate-report-2`.",
        examples=["testgate-report"],
    )
    junit_file: Annotated[OptionalText, Group.REPORTS] = Field(
        default=None,
        description="The path of the JUnit report. By default, `junit.xml` in `report-dir`.",
        examples=["test-results/testgate.xml"],
    )
    history_file: Annotated[OptionalText, Group.REPORTS] = Field(
        default=None,
        description="A file with the results of earlier builds, which your CI's cache keeps. It tells new failures from"
        " known ones, and what was fixed. For `command: run`.",
        examples=[".testgate/history.json"],
    )
    job_summary: Annotated[Switch, Group.REPORTS] = Field(
        default=True, description="Whether to show the results on the page of the build.", examples=["false"]
    )
    annotations: Annotated[Switch, Group.REPORTS] = Field(
        default=True,
        description="Whether to show the most severe failed tests as annotations on the build.",
        examples=["false"],
    )
