"""A terminal and its screen, as far as a log and a progress bar need it."""

import io
import re

_TOKENS = re.compile(r"\x1b\[2K|\x1b\[\?7[lh]|\r|\n|[^\x1b\r\n]+|\x1b")


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True

    def rows(self, columns: int = 60) -> list[str]:
        """The rows of the screen, without empty ones at the end."""
        rows, row, column, wraps = [""], 0, 0, True
        for token in _TOKENS.findall(self.getvalue()):
            match token:
                case "\x1b[2K":
                    rows[row] = ""
                case "\x1b[?7l" | "\x1b[?7h":
                    wraps = token.endswith("h")
                case "\r":
                    column = 0
                case "\n":
                    row, column = row + 1, 0
                    rows += [""] * (row + 1 - len(rows))
                case _:
                    assert token != "\x1b", "a sequence that this terminal does not know"
                    for sign in token:
                        if column == columns and wraps:
                            row, column = row + 1, 0
                            rows += [""] * (row + 1 - len(rows))
                        column = min(column, columns - 1) if not wraps else column
                        rows[row] = rows[row][:column].ljust(column) + sign + rows[row][column + 1 :]
                        column += 1
        while rows and not rows[-1]:
            rows.pop()
        return rows
