"""Where the text of an input comes from, and the warnings about unknown variables."""

import pytest

from testgate.inputs.lookup import Lookup, Names, spellings, unknown_variable_warnings
from testgate.inputs.values import Fault, Given

NAMES = Names(
    every=frozenset({"api-key", "test-plan-id", "junit-file", "timeout", "title"}), secret=frozenset({"api-key"})
)


def lookup(environ: dict[str, str], files: dict[str, str | Exception] | None = None) -> Lookup:
    """A lookup of this environment, with files of this content, or that raise this error."""

    def read_file(path: str) -> str:
        """Return the content, or raise the error."""
        content = (files or {}).get(path, FileNotFoundError(2, "No such file or directory", path))
        if isinstance(content, Exception):
            raise content
        return content

    return Lookup(environ, read_file=read_file)


def test_spellings_in_order() -> None:
    """An input has four variables, or three if its name has no hyphen."""
    assert spellings("api-key") == ("INPUT_API-KEY", "INPUT_API_KEY", "TESTGATE_API_KEY", "PLUGIN_API_KEY")
    assert spellings("title") == ("INPUT_TITLE", "TESTGATE_TITLE", "PLUGIN_TITLE")


def test_first_spelling_that_is_not_empty_wins() -> None:
    """A blank value counts as not given, so the next spelling is used."""
    for position, spelling in enumerate(spellings("api-key")):
        environ = dict.fromkeys(spellings("api-key"), " \n")
        environ |= dict.fromkeys(spellings("api-key")[position:], "later")
        found = lookup({**environ, spelling: " wanted "})
        assert found.given("api-key") == Given("wanted", spelling)
    assert lookup({"INPUT_API-KEY": ""}).given("api-key") is None


def test_text_of_an_input_that_is_not_given_is_empty() -> None:
    """Early questions, such as for the log level, need no special case."""
    assert lookup({}).text("log-level") == ""
    assert lookup({"INPUT_LOG-LEVEL": " debug "}).text("log-level") == "debug"


@pytest.mark.parametrize("spelling", spellings("api-key"))
def test_secret_can_come_from_a_file_in_every_spelling(spelling: str) -> None:
    """The content is trimmed, and a byte order mark is dropped."""
    found = lookup({spelling + "_FILE": " /run/key "}, {"/run/key": "\ufeff s3cret\n"})
    assert found.given("api-key", secret=True) == Given("s3cret", spelling + "_FILE")


def test_undefined_variable_of_azure_is_not_a_secret() -> None:
    """Azure passes the name of an undefined variable, which is neither a key nor to be hidden."""
    for text in ("$(TESTGATE_API_KEY)", " $(my.secret) "):
        found = lookup({"TESTGATE_API_KEY": text})
        assert found.given("api-key", secret=True) is None
        assert [*found.everywhere("api-key")] == []
        assert found.text("title") == ""
        assert lookup({"TESTGATE_TITLE": text}).text("title") == text.strip()
    for text in ("$(a", "$(a)b", "x$(a)", "$()", "$(a b)"):
        assert lookup({"TESTGATE_API_KEY": text}).given("api-key", secret=True) == Given(text, "TESTGATE_API_KEY")


def test_only_secrets_come_from_files() -> None:
    """`junit-file` is an input of its own, not a file with the value of `junit`."""
    found = lookup({"TESTGATE_JUNIT_FILE": "out.xml", "TESTGATE_TITLE_FILE": "/title"}, {"/title": "from a file"})
    assert found.given("junit-file") == Given("out.xml", "TESTGATE_JUNIT_FILE")
    assert found.given("junit") is None
    assert found.given("title") is None


def test_value_and_file_together_are_a_fault() -> None:
    """It is unclear which one is meant, even if they come from different places."""
    found = lookup({"INPUT_API-KEY": "s3cret", "TESTGATE_API_KEY_FILE": "/key"}, {"/key": "s3cret"})
    with pytest.raises(Fault, match="by INPUT_API-KEY and by TESTGATE_API_KEY_FILE"):
        found.given("api-key", secret=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (FileNotFoundError(2, "No such file or directory", "/s3cret"), "cannot be read .No such file or directory."),
        (OSError(), "cannot be read"),
        (ValueError("embedded null byte"), "cannot be read .not a path."),
        (UnicodeDecodeError("utf-8", b"s3cret\xff", 6, 7, "invalid start byte"), "is not UTF-8"),
        ("x" * 70_000, "larger than 64 kB"),
        (" \n", "is empty"),
    ],
)
def test_fault_of_a_file_shows_neither_path_nor_content(content: str | Exception, message: str) -> None:
    """The path could be the secret itself, set in the wrong variable."""
    found = lookup({"INPUT_API_KEY_FILE": "/s3cret"}, {"/s3cret": content})
    with pytest.raises(Fault, match=f"the file named by INPUT_API_KEY_FILE.*{message}") as caught:
        found.given("api-key", secret=True)
    assert "s3cret" not in str(caught.value)
    assert caught.value.shown == ""


def test_file_is_read_once() -> None:
    """A pipe can be read only once, also by a lookup with overrides."""
    contents = ["s3cret"]
    first = Lookup({"INPUT_API_KEY_FILE": "/pipe"}, read_file=lambda _: contents.pop())
    second = first.override({"title": "x"})
    for found in (first, second, first):
        assert found.given("api-key", secret=True) == Given("s3cret", "INPUT_API_KEY_FILE")


def test_override_replaces_the_environment() -> None:
    """An override wins over values and files, and an empty one unsets the input."""
    found = (
        lookup({"INPUT_API_KEY": "mine", "INPUT_API_KEY_FILE": "/no", "INPUT_TITLE": "mine"})
        .override({"api-key": "first", "title": " "})
        .override({"api-key": " simulator "})
    )
    assert found.given("api-key", secret=True) == Given("simulator", "")
    assert found.given("title") is None


def test_environment_can_be_read_despite_an_override() -> None:
    """A demo must still find out whether the user gave a key."""
    found = lookup({"INPUT_API_KEY": "mine"}).override({"api-key": "simulator"})
    assert found.from_environment("api-key", secret=True) == Given("mine", "INPUT_API_KEY")


def test_every_text_of_a_secret_is_found() -> None:
    """Unused texts must be hidden, too."""
    environ = {
        "INPUT_API_KEY": "one",
        "PLUGIN_API_KEY": "two",
        "TESTGATE_API_KEY_FILE": "/three",
        "PLUGIN_API_KEY_FILE": "/no",
    }
    found = lookup(environ, {"/three": "three"}).override({"api-key": "zero"})
    assert [given.text for given in found.everywhere("api-key")] == ["zero", "one", "three", "two"]


def test_known_variables_cause_no_warnings() -> None:
    """Inputs, files of secrets, outputs, empty variables and those of others are fine."""
    environ = dict.fromkeys([*spellings("test-plan-id"), "TESTGATE_JUNIT_FILE", "PLUGIN_API_KEY_FILE"], "x")
    environ |= {"TESTGATE_OUT_RUN_ID": "x", "INPUT_OLD-INPUT": " ", "PATH": "x", "testgate_x": "x"}
    assert unknown_variable_warnings(lookup(environ), NAMES) == []


@pytest.mark.parametrize(
    ("variable", "warning"),
    [
        ("INPUT_TEST-PLAN", "`INPUT_TEST-PLAN` is not an input and is ignored; did you mean `test-plan-id`?"),
        ("INPUT_TESTPLAN_ID", "`INPUT_TESTPLAN_ID` is not an input and is ignored; did you mean `test-plan-id`?"),
        ("TESTGATE_APIKEY", "`TESTGATE_APIKEY` is not an input and is ignored; did you mean `TESTGATE_API_KEY`?"),
        ("TESTGATE_API-KEY", "`TESTGATE_API-KEY` is not an input and is ignored; did you mean `TESTGATE_API_KEY`?"),
        ("TESTGATE_timeout", "`TESTGATE_timeout` is not an input and is ignored; did you mean `TESTGATE_TIMEOUT`?"),
        ("PLUGIN_TIME_OUT", "`PLUGIN_TIME_OUT` is not an input and is ignored; did you mean `PLUGIN_TIMEOUT`?"),
        ("INPUT_WHATEVER", "`INPUT_WHATEVER` is not an input and is ignored"),
        ("TESTGATE_WHATEVER", "`TESTGATE_WHATEVER` is not an input and is ignored"),
        ("TESTGATE_TITLE_FILE", "`TESTGATE_TITLE_FILE` is ignored: only secrets are read from files"),
        ("INPUT_\n::error::", "`INPUT_ ::error::` is not an input and is ignored"),
    ],
)
def test_unknown_variable_causes_a_warning_with_a_suggestion(variable: str, warning: str) -> None:
    """The warning uses the spelling at hand, and never shows the value."""
    assert unknown_variable_warnings(lookup({variable: "s3cret"}), NAMES) == [warning]


def test_unknown_plugin_variable_causes_no_warning() -> None:
    """CIs set variables with this prefix of their own."""
    assert unknown_variable_warnings(lookup({"PLUGIN_WHATEVER": "x"}), NAMES) == []
