"""What to do about each conclusion."""

import pytest

from testgate.gate.remedies import remedy_for
from testgate.model import Conclusion

GIVEN_BY_THE_FAULT = {Conclusion.INVALID_INPUT, Conclusion.TRIGGER_UNKNOWN, Conclusion.REPORT_ERROR}


@pytest.mark.parametrize("conclusion", Conclusion)
def test_every_red_conclusion_has_a_remedy(conclusion: Conclusion) -> None:
    """Green conclusions need none, and some faults have their own."""
    needed = not conclusion.green and conclusion not in GIVEN_BY_THE_FAULT
    assert bool(remedy_for(conclusion)) is needed
    assert remedy_for(conclusion) == "" or remedy_for(conclusion).endswith((".", "?"))
