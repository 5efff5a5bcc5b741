"""Which of the texts that authenticate requests are hidden in the log."""

from base64 import b64encode

import pytest

from testgate.providers import VENDORS
from testgate.providers.described.asking import sent_secrets
from testgate.providers.described.given import Given
from testgate.providers.described.loading import load

KEY = "key-0123456789"


@pytest.mark.parametrize(
    ("name", "values", "hidden"),
    [
        ("grafana-cloud-k6", {"stack-id": "12345"}, {f"Bearer {KEY}", KEY}),
        ("blazemeter", {"key-id": "abc"}, {"Basic", b64encode(f"abc:{KEY}".encode()).decode()}),
        ("gatling-enterprise", {}, {KEY}),
    ],
)
def test_what_a_secret_is_part_of_is_hidden(name: str, values: dict[str, str], hidden: set[str]) -> None:
    """A number that says which account is meant is no secret: it may be a part of every other number in the log."""
    document = load((VENDORS / f"{name}.toml").read_text(encoding="utf-8"), name, bundled=True)
    found = sent_secrets(document, KEY, Given(values))
    assert hidden - {"Basic"} <= set(found)
    assert not set(found) & set(values.values())
