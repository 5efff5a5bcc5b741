"""What the placeholders about runs and tests stand for. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from testgate.errors import PlatformError
from testgate.model import Run, TestResult
from testgate.providers.described.opening import Opening
from testgate.providers.described.refs import chosen_of, kept_of
from testgate.providers.described.templates import filled_text
from testgate.shapes import id_of


class Naming(NamedTuple):
    """Names things for requests. `values` is what the workflow gave, by placeholder."""

    opening: Opening
    values: Mapping[str, Any]

    def about(self, run: Run) -> Mapping[str, Any]:
        """What the placeholders about a run stand for. `it` of a foreign run is the only item that was given."""
        it = chosen_of(run.target.ref).it
        if it is None:
            items = {name for target in self.opening.targets for name in target.values}
            given = [item for name in items for item in _items(self.values.get(f"value.{name}"))]
            it = given[0] if len(given) == 1 else None
        kept = {f"run.{name}": value for name, value in kept_of(run.ref).items()}
        return {"run.id": run.id, "run.url": run.url, "it": it, **kept}

    def with_page(self, run: Run) -> Run:
        """The run with its page for people, if the file says where it is."""
        if run.url or not self.opening.link:
            return run
        try:
            return run._replace(url=filled_text(self.opening.link, {**self.values, **self.about(run)}) or "")
        except PlatformError:
            return run  # without what the address needs, there is no page


def own_id(test: TestResult) -> str:
    """The platform's id of a test, without that of its item; "" if it gives none."""
    return id_of(test.id.partition(" ")[0])


def _items(value: object) -> list[Any]:
    """The items of a value."""
    return value if isinstance(value, list) else [value] if value is not None else []
