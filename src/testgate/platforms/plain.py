"""Any other CI, or a person's terminal: a readable log; outputs lie in the report directory."""

from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Print
from testgate.platforms.marks import broken_anywhere, broken_at_start
from testgate.ports import Build
from testgate.text import clean, one_line


class Plain:
    """Says things in words only."""

    name = "plain"
    annotates = False
    summary_file = ""
    summary_limit = 0
    debug = False
    build = Build()

    def __init__(self, _environ: Mapping[str, str], _token: Callable[[], str]) -> None:
        """Take what every platform is given; nothing of it is needed here."""

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Nothing is known of secrets that this CI withholds."""
        return ""

    def defuse(self, text: str) -> str:
        """Break the marks of the common CIs' commands: the log may be read by one of them."""
        return broken_at_start(broken_anywhere(text, ["##vso[", "##teamcity[", "##["]))

    def mask(self, _secret: str) -> Sequence[Act]:
        """There is nobody to tell."""
        return []

    def group(self, title: str) -> Sequence[Act]:
        """A heading."""
        return [Print(f"-- {self.defuse(one_line(title))}")]

    def end_group(self) -> Sequence[Act]:
        """A heading needs no end."""
        return []

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Level, title and the first line of the message."""
        first = clean(message).strip().split("\n", 1)[0]
        return [Print(self.defuse(f"{level}: {one_line(title)}: {one_line(first)}"))]

    def outputs(self, _values: Mapping[str, str]) -> Sequence[Act]:
        """The report directory holds `outputs.env` and `outputs.json`."""
        return []

    def remember(self, _values: Mapping[str, str]) -> Sequence[Act]:
        """There is no cleanup step."""
        return []
