"""Independent readers of what CIs read, one module per CI, with the facts that the shared tests need.

A module is named after a recorded environment (`tests/fixtures/ci/NAME.env`) or after the adapter that serves it. A CI
without a module is treated like any other CI: see `plain`.
"""

from importlib import import_module
from importlib.util import find_spec

from testgate.platforms import choose
from tests.grammars.dialect import Dialect
from tests.support.surroundings import RECORDED, recorded

# The recorded CIs; several can share an adapter.
CIS = sorted(path.stem for path in RECORDED.glob("*.env"))


def dialect_of(ci: str) -> Dialect:
    """Return the facts of a recorded CI: its own, or else those of its adapter, or else those of any CI."""
    names = (ci, choose(recorded(ci)), "plain")
    module = next(path for name in names if find_spec(path := f"{__name__}.{name}"))
    dialect: Dialect = import_module(module).DIALECT
    return dialect
