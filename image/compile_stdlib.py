"""Compiles the part of the standard library that TestGate imports: `compile_stdlib.py TREE`, in the image's build.

The official Python image carries no compiled code of the standard library, and a container that
is new at every start would compile it every time. The whole of it would add many megabytes.
"""

import contextlib
import io
import os
import pkgutil
import py_compile
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.util import cache_from_source
from pathlib import Path

_NOTHING_RAN = 6  # the gate's exit code for a plan without tests, the shortest scenario


def main() -> int:
    """Import what a run imports, and compile it into the tree given."""
    tree = Path(sys.argv[1])
    _play()
    for source in sorted(_imported(Path(sysconfig.get_path("stdlib")))):
        py_compile.compile(
            str(source),
            str(tree / Path(cache_from_source(str(source))).relative_to("/")),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    return 0


def _play() -> None:
    """A short run against the embedded simulator, for imports that happen on the way; then every module there is."""
    import testgate  # beside the rest of the program's own
    from testgate.cli import main as gate  # as above

    os.environ.update({"TESTGATE_DEMO": "true", "TESTGATE_DEMO_SCENARIO": "empty"})
    del sys.argv[1:]
    log = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(log):
        code = gate()
    if code != _NOTHING_RAN:
        sys.exit(f"the run against the simulator ended with {code}:\n{log.getvalue()}")
    for module in pkgutil.walk_packages(testgate.__path__, "testgate."):
        import_module(module.name)


def _imported(library: Path) -> Iterator[Path]:
    """The sources of the standard library's modules that were imported."""
    for module in sys.modules.values():
        source = getattr(module, "__file__", None)
        if source and source.endswith(".py") and Path(source).is_relative_to(library):
            yield Path(source)


if __name__ == "__main__":
    sys.exit(main())
