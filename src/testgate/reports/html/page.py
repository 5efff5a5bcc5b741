"""The page as a whole: head, verdict, failures without scripts, data, script."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from testgate import __version__
from testgate.reports.html.escaping import inline
from testgate.reports.html.failures import failures
from testgate.reports.html.rows import data_block
from testgate.reports.html.top import top
from testgate.results import Gate

_HERE = Path(__file__).parent
SCRIPTS: Final = ("base.js", "model.js", "view.js", "details.js", "list.js", "timeline.js", "app.js")


class Html:
    """One file that asks nobody for anything: its policy lets only its own script and style work."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Yield the page in pieces. The limit is ignored: a truncated page is useless."""
        del limit
        style = (_HERE / "page.css").read_text(encoding="utf-8")
        script = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
        yield _head(gate, style, script)
        yield f"<style>{style}</style>\n</head>\n<body>\n"
        yield from top(gate)
        yield '<div id="app" hidden></div>\n'
        yield from failures(gate.runs)
        yield f"</main>\n<footer><p>Written by TestGate {__version__}.</p></footer>\n"
        yield '<script type="application/json" id="data">'
        yield from data_block(gate)
        yield "</script>\n"
        yield f"<script>{script}</script>\n</body>\n</html>\n"


def _head(gate: Gate, style: str, script: str) -> str:
    """The start of the page, with its policy."""
    word = gate.verdict.conclusion.value
    title = inline(gate.title, 200)
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{f'{title}: {word}' if title else word.capitalize()}</title>\n"
        '<link rel="icon" href="data:,">\n'
    )


def _hash(text: str) -> str:
    """The text's hash, as a policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
