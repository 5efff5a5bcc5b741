"""A step in Bitbucket Pipelines with lists in numbered variables."""

from pathlib import Path

from testgate.demo.testsigma.scenarios import Scenario
from tests.grammars.bitbucket import variables_of
from tests.support.step import KEY, run
from tests.support.surroundings import recorded
from tests.support.vendor import GREEN, RED, simulator, triggers

PASSWORD = "pa55-phrase-zq"  # made up


def test_plans_and_a_secret_in_numbered_variables_are_used(tmp_path: Path) -> None:
    """The secret reaches only the platform, and Bitbucket finds the outputs."""
    variables = tmp_path / "variables"
    with simulator(Scenario(plans={274: GREEN, 275: RED})) as server:
        numbered = {
            "TESTGATE_TEST_PLAN_ID_COUNT": "2",
            "TESTGATE_TEST_PLAN_ID_0": "274",
            "TESTGATE_TEST_PLAN_ID_1": "275",
            "TESTGATE_TEST_PLAN_ID_2": "276",
            "TESTGATE_RUNTIME_DATA_COUNT": "2",
            "TESTGATE_RUNTIME_DATA_0": "user=ann",
            "TESTGATE_RUNTIME_DATA_1": f"password={PASSWORD}",
        }
        given = {"TESTGATE_API_KEY": KEY, "TESTGATE_BASE_URL": server.url, "TESTGATE_LOG_LEVEL": "debug"}
        bitbucket = recorded("bitbucket") | {"BITBUCKET_PIPELINES_VARIABLES_PATH": str(variables)}
        left = run(tmp_path, {}, github=False, extra={**bitbucket, **given, **numbered})
        assert triggers(server) == 2, left.log
        sent = [each.body for each in server.requests if each.method == "POST"]
    assert left.code == 1, left.log
    assert all(PASSWORD in str(body) for body in sent)
    assert "`TESTGATE_TEST_PLAN_ID_2` is ignored: `TESTGATE_TEST_PLAN_ID_COUNT` does not include it" in left.log
    shared = variables_of(variables.read_text(encoding="utf-8"))
    assert shared["TESTGATE_OUT_CONCLUSION"] == "failed"
    assert len(shared["TESTGATE_OUT_RUN_IDS"].split(",")) == 2
    scanned = tmp_path / "test-results" / "testgate-report.xml"
    assert scanned.read_bytes() == (tmp_path / "testgate-report" / "junit.xml").read_bytes()
    files = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert not [text for text in [left.log, *files] if PASSWORD in text or KEY in text]


def test_a_dry_run_shows_no_numbered_secret(tmp_path: Path) -> None:
    """There is one request per plan, with hidden values."""
    extra = {
        "TESTGATE_API_KEY": KEY,
        "TESTGATE_DRY_RUN": "true",
        "TESTGATE_TEST_PLAN_ID_COUNT": "2",
        "TESTGATE_TEST_PLAN_ID_0": "274",
        "TESTGATE_TEST_PLAN_ID_1": "275",
        "TESTGATE_RUNTIME_DATA_COUNT": "1",
        "TESTGATE_RUNTIME_DATA_0": f"password={PASSWORD}",
    }
    left = run(tmp_path, {}, github=False, extra=extra)
    assert left.code == 0, left.log
    assert left.log.count("POST https://") == 2
    assert '"password": "***"' in left.log
    assert PASSWORD not in left.log


def test_an_incomplete_list_starts_nothing(tmp_path: Path) -> None:
    """Only some of the plans would be tested."""
    extra = {
        "TESTGATE_API_KEY": KEY,
        "TESTGATE_TEST_PLAN_ID_COUNT": "2",
        "TESTGATE_TEST_PLAN_ID_0": "274",
    }
    left = run(tmp_path, {}, github=False, extra=extra)
    assert left.code == 2, left.log
    assert "TESTGATE_TEST_PLAN_ID_COUNT is 2, but TESTGATE_TEST_PLAN_ID_1 is not set" in left.log
