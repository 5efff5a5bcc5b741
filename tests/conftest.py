"""What all tests share: options of the command line, and how hypothesis plays."""

import pytest
from hypothesis import settings

# A busy machine takes longer at times, which says nothing of the code. What hangs meets pytest's timeout.
settings.register_profile("testgate", deadline=None)
settings.load_profile("testgate")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes the golden files anew instead of comparing with them."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written."""
    return bool(request.config.getoption("--update-golden"))
