"""The test platforms: one file each, loaded when chosen."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from testgate.inputs import Inputs, Options
from testgate.ports import Provider


class Entry(NamedTuple):
    """What the composition needs of a provider.

    `options` is its model of inputs, `required` the inputs that `command: run` cannot do
    without. `build` makes the provider from base URL (None: the usual one), key, inputs, and
    the ids of the runs that the user names.
    """

    options: type[Options]
    required: Sequence[str]
    build: Callable[[str | None, str, Inputs, Sequence[str]], Provider]


def _testsigma() -> Entry:
    from testgate.providers.testsigma import Testsigma, TestsigmaOptions  # noqa: PLC0415  # only the chosen one

    return Entry(
        options=TestsigmaOptions,
        required=("test-plan-id",),
        build=lambda base_url, key, inputs, run_ids: Testsigma(base_url, key, inputs.of(TestsigmaOptions), run_ids),
    )


PROVIDERS: Mapping[str, Callable[[], Entry]] = {"testsigma": _testsigma}
