"""Any evidence about a run."""

from hypothesis import strategies as st

from testgate.model import Counts, Outcome, TestResult

COUNTS = st.tuples(*[st.integers(0, 20)] * 5).map(lambda numbers: Counts(*numbers))
TESTS = st.lists(st.sampled_from(Outcome), max_size=20).map(
    lambda outcomes: [TestResult(str(number), "t", outcome) for number, outcome in enumerate(outcomes)]
)
