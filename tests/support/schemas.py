"""The schemas that check-jsonschema bundles: nothing is fetched, and no process is started."""

from pathlib import Path

from check_jsonschema import main
from click.testing import CliRunner

# Azure's schema has patterns that are invalid in the stricter variant.
_OPTIONS = ("--regex-variant", "nonunicode")


def complaints(path: Path, schema: str) -> str:
    """The complaints of a bundled schema about a file; empty if the file is valid."""
    done = CliRunner().invoke(main, ["--builtin-schema", schema, *_OPTIONS, str(path)])
    return "" if done.exit_code == 0 else f"{schema}: {done.output} {done.exception!r}"
