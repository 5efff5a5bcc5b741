"""Output for a CI that gets plain words only, and the builds of some of these CIs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Print
from testgate.platforms import choose
from testgate.platforms.plain import Plain
from testgate.ports import Build
from testgate.text import clean
from tests.support.hostile_text import FRAGMENTS
from tests.support.surroundings import recorded, surroundings

COMMIT = "ffac537"
# A fold or a timer on Travis's page: a word, a colon, start or end.
TRAVIS_MARK = re.compile(r"(fold|time):(start|end):")
FOLDS = st.lists(
    st.sampled_from([*FRAGMENTS, "travis_", "fold", "time", "fold:", "start:", "end:", "travis_fold:start:a", "name"]),
    max_size=12,
).map("".join)


def plain(environ: dict[str, str]) -> Plain:
    """The adapter with this environment."""
    return Plain(surroundings(environ))


@pytest.mark.parametrize(
    ("name", "build"),
    [
        (
            "travis",
            (
                f"270412345-main-{COMMIT}",
                "621234567",
                "https://app.travis-ci.com/github/shop/web/jobs/621234567",
                f"shop/web main #77.1 ({COMMIT})",
            ),
        ),
        (
            "codebuild",
            (
                f"b1e6661e_e4f2_4156_9ab9_82a190000000-main-{COMMIT}",
                "b1e6661e-e4f2-4156-9ab9-82a190000000",
                (
                    "https://eu-west-1.console.aws.amazon.com/codebuild/home?region=eu-west-1"
                    "#/builds/web-gate:b1e6661e-e4f2-4156-9ab9-82a190000000/view/new"
                ),
                f"web-gate main #77 ({COMMIT})",
            ),
        ),
        (
            "cloudbuild",
            (
                f"0e8b4a52_7c1d_4f0e_9b7a_3d2f00000000-main-{COMMIT}",
                "0e8b4a52-7c1d-4f0e-9b7a-3d2f00000000",
                (
                    "https://console.cloud.google.com/cloud-build/builds;region=europe-west1/"
                    "0e8b4a52-7c1d-4f0e-9b7a-3d2f00000000?project=shop-ci"
                ),
                f"web-gate main ({COMMIT})",
            ),
        ),
    ],
)
def test_the_build_is_described(name: str, build: tuple[str, ...]) -> None:
    """Mark, job, page and title come from the CI's own variables, and nothing is missing."""
    platform = plain(recorded(name))
    assert choose(recorded(name)) == "plain"
    assert platform.build[:4] == build
    assert platform.hint == ""
    assert platform.withheld(lambda _path: "") == ""


def test_argo_names_the_node() -> None:
    """Argo sets two names in every container, older versions one; a container knows no page."""
    node = {"ARGO_NODE_ID": "testgate-x7k2p-302193851"}
    assert plain(node).build[:4] == ("testgate_x7k2p_302193851", node["ARGO_NODE_ID"], "", node["ARGO_NODE_ID"])
    assert plain(node | {"ARGO_WORKFLOW_NAME": "testgate-x7k2p"}).build.title == "testgate-x7k2p"


def test_without_variables_there_is_no_build() -> None:
    """In a terminal, in an unknown CI, and in a known one that passed nothing else."""
    for environ in ({}, {"CI": "true"}, {"TRAVIS": "true"}, {"BUILDER_OUTPUT": "/builder/outputs"}):
        assert plain(environ).build == Build()
    assert plain({"CODEBUILD_BUILD_ID": "odd"}).build == Build()


def test_a_pull_request_is_named_by_its_own_branch() -> None:
    """Travis's own branch is the target of the pull request, and its commit a temporary merge."""
    pull = {"TRAVIS_PULL_REQUEST_BRANCH": "fix/login", "TRAVIS_PULL_REQUEST_SHA": "1234567e6cbbf"}
    assert plain(recorded("travis") | pull).build.mark == "270412345-fix_login-1234567"


def test_jobs_of_a_build_differ() -> None:
    """Jobs of a matrix share the build, but not the id that claims a report directory."""
    one, other = (plain(recorded("travis") | {"TRAVIS_JOB_ID": job}).build for job in ("1", "2"))
    assert one.mark == other.mark
    assert one.job != other.job


def test_the_page_of_the_build_replaces_a_missing_one_of_the_job() -> None:
    """A job's page is better."""
    environ = recorded("travis")
    del environ["TRAVIS_JOB_WEB_URL"]
    assert plain(environ).build.url == environ["TRAVIS_BUILD_WEB_URL"]


def test_a_page_needs_a_project() -> None:
    """Without the project, Cloud Build has no page; without a region, it is the global one."""
    environ = recorded("cloudbuild")
    assert plain({**environ, "PROJECT_ID": ""}).build.url == ""
    assert ";region=global/" in plain({**environ, "LOCATION": ""}).build.url
    odd = {"BUILD_ID": "a/../b?x", "PROJECT_ID": "p&q=1", "LOCATION": "x/y"}
    page = plain({**environ, **odd}).build.url
    assert page == "https://console.cloud.google.com/cloud-build/builds;region=x%2Fy/a%2F..%2Fb%3Fx?project=p%26q%3D1"


def test_an_unknown_ci_gets_a_hint() -> None:
    """Only `CI` itself is set; a terminal and a known CI get none."""
    assert "docs/ci.md" in plain({"CI": "true"}).hint
    assert plain({}).hint == ""
    for sign in ("TRAVIS", "CODEBUILD_BUILD_ID", "BUILDER_OUTPUT", "ARGO_NODE_ID", "SEMAPHORE", "APPVEYOR"):
        assert plain({"CI": "true", sign: "true"}).hint == ""


def test_a_fork_gets_no_secrets_on_travis() -> None:
    """An empty key is explained in a pull request from another repository, and only there."""
    for slug, explained in (("somebody/web", True), ("shop/web", False), ("", False)):
        said = plain(recorded("travis") | {"TRAVIS_PULL_REQUEST_SLUG": slug}).withheld(lambda _path: "")
        assert ("fork = false" in said) is explained
        assert bool(said) is explained


@given(FOLDS)
def test_no_text_folds_the_log(text: str) -> None:
    """A smuggled fold would hide the lines after it; people see no difference, and defusing twice changes nothing."""
    platform = plain({})
    for line in clean(text).split("\n"):
        shown = platform.defuse(line)
        assert not TRAVIS_MARK.search(shown)
        assert shown.replace("\u200b", "") == line.replace("\u200b", "")
        assert platform.defuse(shown) == shown


def test_ordinary_text_stays_unchanged() -> None:
    """People can copy times and words that only look like a fold."""
    for text in ("time: 10:20", "fold:a", "start:end", "manifold:1"):
        assert plain({}).defuse(text) == text


@pytest.mark.parametrize("mark", ["travis_fold:start:hide", "travis_fold:end:hide", "travis_time:start:1a2b"])
def test_folds_in_names_are_broken(mark: str) -> None:
    """Headings and problems contain the names of tests."""
    for acts in (plain({}).group(mark), plain({}).problem("error", mark, mark)):
        (act,) = acts
        assert isinstance(act, Print)
        assert not TRAVIS_MARK.search(act.line)
