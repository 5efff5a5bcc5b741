"""What composition needs to know about a described platform."""

from collections.abc import Mapping, Sequence

from testgate.errors import InputError
from testgate.inputs.declaring import Options
from testgate.inputs.lists import pairs, secret_pairs
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Input, Inputs
from testgate.inputs.values import Fault
from testgate.ports import Provider
from testgate.providers import ProviderEntry
from testgate.providers.described.asking import Asker, sent_secrets
from testgate.providers.described.given import read, selection_problems
from testgate.providers.described.opening import Opening, Value
from testgate.providers.described.provider import Described
from testgate.providers.described.reading import FileFault, opening_of

PROOFS = {
    "live": "The file was tried on the platform itself.",
    "samples": "The file was tried on answers that the vendor publishes, and not on the platform itself.",
    "documents": "The file was written from the vendor's documents, and not tried on the platform itself.",
}


class NoOptions(Options):
    """The inputs of a described platform: none of its own, as `values` and `secret-values` are everybody's."""


def bundled(text: str, name: str) -> ProviderEntry:
    """The entry of a file that ships with TestGate. Tests check such a file as a whole, so a run can start at once.

    Raises:
        FileFault: it is no TOML.
        TypeError: it isn't valid.

    """
    return entry_of(opening_of(text, name))


def of_file(text: str, name: str) -> ProviderEntry:
    """The entry of a user's file; one with faults has them as its problems."""
    from testgate.providers.described.loading import load  # with the whole format, to check it before anything is sent

    try:
        return entry_of(load(text, name))
    except FileFault as fault:
        return broken(fault.problems)


def broken(problems: Sequence[str]) -> ProviderEntry:
    """The entry of a file that cannot be used, for these reasons."""
    found = [f"`provider-file`: {each}" for each in problems]

    def build(_base_url: str | None, _key: str, _inputs: Inputs, _run_ids: Sequence[str]) -> Provider:
        raise InputError(found)

    return ProviderEntry(
        NoOptions, (), {}, build, described=True, broken=True, problems=lambda _lookup, _selects: found
    )


def entry_of(opening: Opening) -> ProviderEntry:
    """The entry of a file."""
    why = f"required for {opening.name}: its provider file names no address"
    return ProviderEntry(
        options=NoOptions,
        selects=list(dict.fromkeys(name for target in opening.targets for name in target.values)),
        required={} if opening.base_url else {"base-url": why},
        examples={} if opening.base_url else {"base-url": "https://platform.example/api"},
        build=lambda base_url, key, inputs, run_ids: _build(opening, base_url, key, inputs, run_ids),
        described=True,
        problems=lambda lookup, selects: _problems(opening, lookup, selects=selects),
        secrets=lambda lookup: _secrets(opening, lookup),
        notes=_notes(opening),
        needs_key=opening.needs_key,
        name=opening.name,
        explain=lambda files: _explained(opening, files),
        values=[
            Input(
                name, each.default, _about(name, each), each.example, each.required, each.secret, choices=each.choices
            )
            for name, each in opening.values.items()
        ],
    )


def _about(name: str, value: Value) -> str:
    """What a value means, with a line to copy."""
    return f"{value.about} Example: {name}{'.' if value.map else '='}{value.example}"


def _explained(opening: Opening, files: Mapping[str, bytes]) -> Sequence[tuple[Sequence[str], bool]]:
    """What the document reads from saved answers."""
    from testgate.providers.described.explaining import SECTIONS, explain, saved  # for those who write a file

    answers = {name: saved(name, body) for name, body in files.items()}
    reads = [(read.lines, read.wrong) for read in explain(opening.whole(), [each for each in answers.values() if each])]
    names = f"not read: the name of an answer begins with {', '.join(SECTIONS)}"
    ignored = [([f"{name}: {names}"], False) for name, found in answers.items() if found is None]
    return [*reads, *ignored] if reads else []


def _build(opening: Opening, base_url: str | None, key: str, inputs: Inputs, run_ids: Sequence[str]) -> Provider:
    """The provider."""
    options = inputs.of(CommonOptions)
    secret = {name: value.reveal() for name, value in options.secret_values.items()}
    given, _problems = read(opening, options.values, secret)
    return Described(Asker(opening, base_url or opening.base_url, key, given), run_ids)


def _problems(opening: Opening, lookup: Lookup, *, selects: bool) -> list[str]:
    """What is wrong with the values; a map that cannot be read at all is a problem of the input itself."""
    try:
        given, problems = read(opening, *_maps(lookup))
    except Fault:
        return []
    return [*problems, *(selection_problems(opening, given) if selects else [])]


def _maps(lookup: Lookup) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Both maps as they were given.

    Raises:
        Fault: one of them cannot be read.

    """
    plain = lookup.given("values", several=True)
    hidden = lookup.given("secret-values", secret=True, several=True)
    secret = secret_pairs(hidden) if hidden else {}
    return (pairs(plain) if plain else {}), {name: value.reveal() for name, value in secret.items()}


def _secrets(opening: Opening, lookup: Lookup) -> Sequence[str]:
    """Further spellings in which secrets are sent."""
    try:
        key = lookup.given("api-key", secret=True)
        given, _problems = read(opening, *_maps(lookup))
    except Fault:
        return ()
    return sent_secrets(opening, key.text if key else "", given)


def _notes(opening: Opening) -> Sequence[str]:
    """How surely the file is true."""
    proof = (
        f"{opening.name} is described by a file that ships with TestGate. {PROOFS[opening.proof]}"
        if opening.proof
        else ""
    )
    return [*filter(None, [proof]), *opening.notes]
