"""The token of a forge: a secret in every form in which it is sent."""

from base64 import b64encode

import pytest

from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import secrets
from testgate.redact import Redactor


def hidden(token: str, text: str) -> str:
    """The text, as the log shows it to users with this token."""
    lookup = Lookup({"TESTGATE_FORGE_TOKEN": token}, read_file=str)
    return Redactor(secrets(lookup, [CommonOptions]))(text)


@pytest.mark.parametrize("token", ["ghs_0123456789abcdef", "ann@example.com:t0ken-0123456789", "eyJh.eyJi.c2ln"])
def test_it_is_hidden_as_it_is_sent(token: str) -> None:
    """As a bearer, as the password of nobody, and as name and password."""
    for sent in (token, f":{token}", token.rpartition(":")[2]):
        for text in (sent, b64encode(sent.encode()).decode(), b64encode(sent.encode()).decode().rstrip("=")):
            assert hidden(token, f"401 for {text}!") == "401 for ***!"
