"""The test platforms: one file each, loaded when chosen."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from testgate.inputs.reading import Inputs, Options
from testgate.ports import Provider


class ProviderEntry(NamedTuple):
    """What the composition needs of a provider.

    `options` is its model of inputs. `selects` are the inputs of which `command: run` needs
    one, `required` those that every command needs, each with why. `build` makes the provider
    from base URL (None: the usual one), key, inputs, and the ids of the runs that the user names.
    """

    options: type[Options]
    selects: Sequence[str]
    required: Mapping[str, str]
    build: Callable[[str | None, str, Inputs, Sequence[str]], Provider]


def _testsigma() -> ProviderEntry:
    from testgate.providers.testsigma import Testsigma, TestsigmaOptions  # only the chosen one

    return ProviderEntry(
        options=TestsigmaOptions,
        selects=("test-plan-id",),
        required={},
        build=lambda base_url, key, inputs, run_ids: Testsigma(base_url, key, inputs.of(TestsigmaOptions), run_ids),
    )


def _testifly() -> ProviderEntry:
    from testgate.providers.testifly import Testifly, TestiflyOptions  # only the chosen one

    why = "required for provider testifly"
    where = "no public address is known. It is the one that you open the platform at, or that its Swagger page names"
    return ProviderEntry(
        options=TestiflyOptions,
        selects=("feature-id", "test-suite-id", "test-id", "tests"),
        required={"base-url": f"{why}: {where}", "project-id": why},
        build=lambda base_url, key, inputs, run_ids: Testifly(base_url or "", key, inputs.of(TestiflyOptions), run_ids),
    )


PROVIDERS: Mapping[str, Callable[[], ProviderEntry]] = {"testsigma": _testsigma, "testifly": _testifly}
