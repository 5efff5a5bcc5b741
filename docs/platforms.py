"""The generated page about test platforms: which there are, what each can do, and the values of each."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from testgate.errors import GateError
from testgate.inputs.declaring import Options
from testgate.inputs.lookup import STEP, Lookup
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import declared, read
from testgate.model import Outcome, TestResult
from testgate.ports import Provider
from testgate.providers import CODED, PROVIDERS, VENDORS, ProviderEntry
from testgate.providers.described.document import Document
from testgate.providers.described.entry import PROOFS
from testgate.providers.described.loading import load
from testgate.providers.described.opening import Value

HEAD = ("Provider", "Platform", "Proof", "Finds a lost run", "Reruns failed tests", "Stops", "Steps", "Videos")
PROOF_WORDS = {"live": "live", "samples": "published samples", "documents": "documents"}


class Able(NamedTuple):
    """A row of the table: what TestGate can do on a platform."""

    name: str
    provider: str
    proof: str
    finds: bool
    reruns: bool
    stops: bool
    steps: bool
    videos: bool

    @property
    def cells(self) -> Sequence[str]:
        """The cells of the row."""
        return (f"`{self.provider}`", self.name, self.proof, *("yes" if each else "no" for each in self[3:]))


# Of the providers that are code: their names, and whether reports have steps and videos.
_OF_CODE = {"testsigma": ("Testsigma", True, False), "testifly": ("Testifly", True, True)}
_RUN_ID = "1"
_TEST = TestResult("1", "Sign in", Outcome.FAILED)


def documents() -> Iterator[tuple[str, Document]]:
    """Every file that ships with TestGate, by the name of its provider."""
    for name in PROVIDERS:
        if name not in CODED:
            path = VENDORS / f"{name}.toml"
            yield name, load(path.read_text(encoding="utf-8"), path.name, bundled=True)


def rows() -> list[Able]:
    """The whole table."""
    return [
        *(_coded(name, load()) for name, load in CODED.items()),
        *(_able(name, document) for name, document in documents()),
    ]


def _coded(name: str, entry: ProviderEntry) -> Able:
    """What a provider that is code can do is what it says when it is asked."""
    provider = _built(name, entry)
    run = provider.attached()[0]
    target = next(iter(provider.targets()), run.target)
    title, steps, videos = _OF_CODE[name]
    return Able(
        name=title,
        provider=name,
        proof="published samples",
        finds=provider.find(target, "") is not None,
        reruns=_reruns(provider),
        stops=provider.stop(run) is not None,
        steps=steps,
        videos=videos,
    )


def _built(name: str, entry: ProviderEntry) -> Provider:
    """The provider, from the examples of the inputs that it requires."""
    models: list[type[Options]] = [CommonOptions, entry.options]
    examples = {each.name: each.example for each in declared(models)} | dict(entry.examples)
    given = {each: examples[each] for each in [*entry.required, *entry.selects[:1]]} | {"provider": name}
    lookup = Lookup({f"{STEP}{each.upper()}": text for each, text in given.items()}, read_file=_no_file)
    return entry.build(given.get("base-url"), "key", read(lookup, models), [_RUN_ID])


def _no_file(path: str) -> str:
    """No example names a file."""
    raise FileNotFoundError(path)


def _reruns(provider: Provider) -> bool:
    """Whether it can rerun failed tests."""
    try:
        provider.rerun(provider.attached()[0]._replace(ref=_RUN_ID), [_TEST])
    except GateError:
        return False
    return True


def _able(name: str, document: Document) -> Able:
    """What a file describes."""
    test = document.results.test
    linked = f"[{document.name}]({document.documentation})" if document.documentation else document.name
    return Able(
        name=linked,
        provider=name,
        proof=PROOF_WORDS[document.proof or "documents"],
        finds=document.find is not None,
        reruns=document.rerun is not None,
        stops=document.stop is not None,
        steps=document.details is not None or (test is not None and test.step is not None),
        videos=test is not None and test.video is not None,
    )


def sections() -> str:
    """A section with the values of each described platform."""
    return "\n".join(_section(name, document) for name, document in documents())


def _section(name: str, document: Document) -> str:
    """The section of one platform."""
    values = "".join(f"| `{key}` | {_kind(value)} | {_about(value)} |\n" for key, value in document.values.items())
    notes = "".join(f"- {each}\n" for each in document.notes)
    about = f"{document.about} " if document.about else ""
    proof = PROOFS[document.proof or "documents"]
    return (
        f"## {document.name}\n\n{about}{proof}\n\n"
        + (f"{notes}\n" if notes else "")
        + f"```yaml\n{_workflow(name, document)}```\n\n| Value | Kind | Meaning |\n| --- | --- | --- |\n{values}"
    )


def _workflow(name: str, document: Document) -> str:
    """A step to paste: the first way to choose what to run, and what is required."""
    first = document.targets[0].values[:1]
    wanted = [key for key, value in document.values.items() if value.required or key in first]
    plain = [key for key in wanted if not document.values[key].secret]
    secret = [key for key in wanted if document.values[key].secret]
    lines = ["- uses: your-org/testgate@v0", "  with:", f"    provider: {name}"]
    if not document.base_url:
        lines.append("    base-url: https://platform.example.com")
    lines += [f"    api-key: ${{{{ secrets.{_constant(name)}_API_KEY }}}}", "    values: |"]
    lines += [f"      {key}={document.values[key].example}" for key in plain]
    if secret:
        lines += ["    secret-values: |", *(f"      {key}=${{{{ secrets.{_constant(key)} }}}}" for key in secret)]
    return "".join(f"{line}\n" for line in lines)


def _constant(name: str) -> str:
    """A name as the one of a secret."""
    return name.upper().replace("-", "_")


def _kind(value: Value) -> str:
    """What a value looks like."""
    shape = "list" if value.list_ else "map" if value.map else value.type
    return ", ".join(filter(None, (shape, "secret" if value.secret else "", "required" if value.required else "")))


def _about(value: Value) -> str:
    """What a value means."""
    more = [f"One of: {', '.join(f'`{each}`' for each in value.choices)}."] if value.choices else []
    more += [f"Default: `{value.default}`."] if value.default else []
    more += [f"Example: `{value.example}`."]
    return " ".join([value.about, *more]).replace("|", "\\|")
