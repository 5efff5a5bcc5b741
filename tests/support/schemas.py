"""The schemas that check-jsonschema bundles: nothing is fetched, and no process is started.

Importing check-jsonschema takes seconds, so it's imported only where a file is checked.
"""

from importlib.util import find_spec
from pathlib import Path

# Azure's schema has patterns that are invalid in the stricter variant.
_OPTIONS = ("--regex-variant", "nonunicode")


def bundled() -> list[str]:
    """Names of the schemas that are bundled for vendors' files."""
    spec = find_spec("check_jsonschema")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0], "builtin_schemas", "vendor")
    return sorted(path.name.removesuffix(".json") for path in folder.glob("*.json"))


def complaints(path: Path, schema: str) -> str:
    """The complaints of a bundled schema about a file; empty if the file is valid."""
    from check_jsonschema import main
    from click.testing import CliRunner

    done = CliRunner().invoke(main, ["--builtin-schema", schema, *_OPTIONS, str(path)])
    return "" if done.exit_code == 0 else f"{schema}: {done.output} {done.exception!r}"
