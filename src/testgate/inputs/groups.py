"""The headings under which the documents list inputs."""

from enum import StrEnum


class Group(StrEnum):
    """The heading of an input in the documents, in the order of the headings."""

    RUNNING = "What to run"
    WAITING = "Waiting"
    GATE = "Gate"
    REPORTS = "Reports"
    TRYING = "Demo, CI and log"
