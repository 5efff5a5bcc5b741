"""Replies for the readers of adapters: made up, recorded, and arbitrary."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from testgate.inputs.declaring import Options
from testgate.inputs.lookup import Lookup
from testgate.inputs.reading import Inputs, read
from testgate.wire import Reply, Request

FIXTURES = Path(__file__).parents[1] / "fixtures"
ASKED = Request("GET", "https://platform.example/api/v1/runs/337")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def reply(data: object, status: int = 200, request: Request = ASKED) -> Reply:
    """Return a JSON reply."""
    return Reply(status, {"content-type": "application/json"}, json.dumps(data).encode(), request)


def fixture(vendor: str, name: str) -> Reply:
    """Return a reply that the vendor documents."""
    return Reply(200, {"content-type": "application/json"}, (FIXTURES / vendor / f"{name}.json").read_bytes(), ASKED)


def objects(names: Iterable[str]) -> st.SearchStrategy[Any]:
    """Generate any JSON, often objects with fields of these names."""
    field = st.sampled_from([*names])
    rows = st.lists(st.dictionaries(field, JSON), max_size=4)
    return JSON | st.dictionaries(field, JSON | st.just(337) | rows, max_size=6)


def changed_fixtures(vendor: str) -> st.SearchStrategy[Any]:
    """Generate the vendor's documented objects with some fields changed; nothing for a vendor without fixtures."""
    read_all = (json.loads(path.read_bytes()) for path in sorted((FIXTURES / vendor).glob("*.json")))
    return st.one_of([_changed(sample) for sample in read_all if isinstance(sample, dict)])


def _changed(sample: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Generate copies of an object with some fields changed."""
    return st.dictionaries(st.sampled_from([*sample]), JSON).map(lambda new: {**sample, **new})


def inputs(given: dict[str, str], *models: type[Options]) -> Inputs:
    """Read inputs as a step would."""
    environ = {f"INPUT_{name.upper()}": value for name, value in given.items()}
    return read(Lookup(environ, read_file=str), models)
