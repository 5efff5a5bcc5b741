"""What rules may mean, and what they make of an answer that has no list of tests."""

import pytest

from testgate.providers.described.loading import load
from testgate.providers.described.reading import FileFault
from tests.providers.described.test_requests import FILE


@pytest.mark.parametrize(
    ("section", "means", "known"),
    [
        ("trigger", "filling", "refused, nothing, busy, adopted"),
        ("poll", "busy", "waiting"),
        ("results", "waiting", "filling, none"),
    ],
)
def test_a_rule_means_what_its_section_knows(section: str, means: str, known: str) -> None:
    """Anything else would do nothing, or something else."""
    rule = f'[[{section}.when]]\nhttp = [404]\nmeans = "{means}"\n'
    with pytest.raises(FileFault) as fault:
        load(FILE.replace("CONTENT", "") + rule, "kestrel.toml")
    assert f"`{section}.when[1].means` must be one of {known} in `{section}`" in str(fault.value)
