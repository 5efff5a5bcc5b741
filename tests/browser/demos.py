"""Plays scenarios of the demo for the pictures: `python -m tests.browser.demos FOLDER` writes pages and summaries."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options

ENTRYPOINT = Path(__file__).parents[2] / "entrypoint.py"
EXIT_CODES = {"failing": 1, "flaky": 0}
_PAGE = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Summary</title><style>
body {{ max-width: 980px; margin: 24px auto; font: 15px/1.5 system-ui, sans-serif; color: #1f2328 }}
table {{ border-collapse: collapse }} td, th {{ border: 1px solid #d1d9e0; padding: 5px 12px }}
h2 {{ border-bottom: 1px solid #d1d9e0; padding-bottom: 6px }} details {{ margin: 8px 0 }}
pre {{ background: #f6f8fa; padding: 12px; border-radius: 6px }} blockquote {{ color: #59636e; margin-left: 0 }}
</style><body>{}</body></html>
"""


def play(scenario: str, folder: Path) -> None:
    """One scenario: its `report.html`, and its summary as a page.

    Raises:
        SystemExit: the scenario didn't end as it should.

    """
    with tempfile.TemporaryDirectory() as place:
        environ = {"PATH": os.environ["PATH"], "TESTGATE_DEMO": "true", "TESTGATE_DEMO_SCENARIO": scenario}
        environ |= {"TESTGATE_RERUN_FAILED": "2"} if scenario == "flaky" else {}
        command = [sys.executable, "-I", str(ENTRYPOINT)]
        left = subprocess.run(command, cwd=place, env=environ, check=False, capture_output=True, text=True)  # noqa: S603  # our own program
        if left.returncode != EXIT_CODES[scenario]:
            raise SystemExit(f"the scenario {scenario} ended with {left.returncode}:\n{left.stdout}{left.stderr}")
        report = Path(place) / "testgate-report"
        (folder / f"demo-{scenario}.html").write_bytes((report / "report.html").read_bytes())
        summary = (report / "summary.md").read_text(encoding="utf-8")
        shown = cmarkgfm.github_flavored_markdown_to_html(summary, options=Options.CMARK_OPT_UNSAFE)
        (folder / f"demo-{scenario}-summary.html").write_text(_PAGE.format(shown), encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for each in EXIT_CODES:
        play(each, target)
