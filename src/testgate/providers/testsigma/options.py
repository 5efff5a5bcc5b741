"""The inputs of Testsigma."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from testgate.inputs.declaring import Options, option
from testgate.inputs.lists import IdList, SecretMap, StringMap, identifiers, pairs, write_list, write_pairs
from testgate.inputs.values import Fault, Given, Kind, OptionalId, OptionalText, choice, line, one_of, positive_id

RerunType = Literal["ALL_TESTS", "ONLY_FAILED_TESTS", "ALL_ITERATIONS", "ONLY_FAILED_ITERATIONS", "USER_PICKED"]
BUILDS = ("apk", "ipa")
ITERATIONS = ("ALL", "FAILED", "PASSED", "USER_PICKED")


def picked_results(given: Given) -> tuple[dict[str, Any], ...]:
    """Read the test case results to rerun: IDs, or JSON objects as the API accepts them.

    Raises:
        Fault: the text is neither, or an object holds anything else.

    """
    if not given.text.startswith(("[", "{")):
        return tuple({"id": number} for number in identifiers(given))
    texts = given.text.split("\n") if given.numbered else [given.text]
    try:
        data = [json.loads(text) for text in texts if text]
    except (ValueError, RecursionError):
        raise Fault("is not valid JSON") from None
    rows = data[0] if len(data) == 1 and isinstance(data[0], list) else data
    return tuple(_picked(row, number) for number, row in enumerate(rows, 1))


def _picked(row: object, number: int) -> dict[str, Any]:
    """Check one item; `number` names it in messages."""
    if not isinstance(row, dict):
        return {"id": positive_id(str(row))}
    unknown = sorted(row.keys() - {"id", "iterationReRunType", "iterationResultIds"})
    if unknown or "id" not in row:
        raise Fault(
            f"item {number} needs `id`, and may add only `iterationReRunType` and `iterationResultIds`", shown=""
        )
    picked: dict[str, Any] = {"id": positive_id(str(row["id"]))}
    if "iterationReRunType" in row:
        picked["iterationReRunType"] = choice(str(row["iterationReRunType"]), ITERATIONS)
    if "iterationResultIds" in row:
        ids = row["iterationResultIds"]
        if not isinstance(ids, list):
            raise Fault(f"item {number}: `iterationResultIds` must be a list", shown="")
        picked["iterationResultIds"] = [positive_id(str(each)) for each in ids]
    return picked


def builds(given: Given) -> dict[str, str]:
    """Read the builds to upload, by device: paths of the files that Testsigma takes.

    Raises:
        Fault: a device isn't an ID, or a path isn't that of such a file.

    """
    found = {}
    for device, path in pairs(given).items():
        if line(path).rpartition(".")[2].lower() not in BUILDS or not path.rpartition("/")[2].rpartition(".")[0]:
            raise Fault("must name .apk or .ipa files", shown=path)
        number = str(positive_id(device))
        if number in found:
            raise Fault(f"names device {number} twice", shown="")
        found[number] = path
    return found


class TestsigmaOptions(Options):
    """What to run on Testsigma, and how."""

    test_plan_id: IdList = option(
        default=(),
        description="The test plans to run: one ID or several. You find the ID in the URL of the plan's page.",
        example="274",
    )
    test_plan_name: OptionalText = option(
        default=None,
        description="The name of the test plan to run, instead of its ID: exactly as on the platform. It must be the"
        " only plan with that name.",
        example="Nightly regression",
    )
    environment_id: OptionalId = option(
        default=None,
        description="The environment to run all plans in. By default, each plan uses its own.",
        example="12",
    )
    runtime_data: StringMap = option(
        default={},
        description="Values for the plans' runtime parameters, one `name=value` per line, for all plans. They are"
        " public: use `runtime-secrets` for a password.",
        example="suite=Checkout",
    )
    runtime_secrets: SecretMap = option(
        default={},
        description="Like `runtime-data`, for secrets: the values are masked, and hidden wherever the platform echoes"
        " them.",
        example="password=the secret SHOP_PASSWORD of your CI",
    )
    build_no: OptionalText = option(
        default=None,
        description="The build number to show on the platform. By default, it combines the CI run, the branch, the"
        " commit, and a random part that identifies the run.",
        example="1.4.2",
    )
    execution_config: OptionalText = option(
        default=None,
        description="The name of a saved execution config, to run part of a plan.",
        example="smoke",
    )
    execution_config_id: OptionalText = option(
        default=None,
        description="The ID of a saved execution config.",
        example="2",
    )
    upload_versions: StringMap = option(
        default={},
        description="The uploaded app version that each device uses, one `device ID=upload version ID` per line.",
        example="31=482",
    )
    uploads: Annotated[Mapping[str, str], Kind(builds, write_pairs, several=True)] = option(
        default={},
        description="Builds to upload before the tests start, one `device ID=path` per line: `.apk` or `.ipa` files of"
        " the workspace. Each device then uses exactly this version. Needs `upload-project-id`.",
        example="31=app/build/outputs/apk/release/app-release.apk",
    )
    upload_project_id: OptionalId = option(
        default=None,
        description="For `uploads`: the project that they belong to. You find the ID in the URL of the project's page.",
        example="24",
    )
    upload_application_id: OptionalId = option(
        default=None,
        description="For `uploads`: the application that they belong to. You find the ID in the URL of the"
        " application's page, in the settings of the project.",
        example="43",
    )
    rerun_type: Annotated[RerunType, one_of(*get_args(RerunType))] = option(
        default="ONLY_FAILED_TESTS",
        description="For `command: rerun`: which tests to rerun.",
        example="USER_PICKED",
    )
    test_case_results: Annotated[tuple[dict[str, Any], ...], Kind(picked_results, write_list, several=True)] = option(
        default=(),
        description="For `rerun-type: USER_PICKED`: the test case results to rerun, as IDs or as JSON objects with"
        " `id`, `iterationReRunType` and `iterationResultIds`.",
        example="2880, 2874",
    )

    def contradictions(self) -> Iterator[str]:
        """Require a selection for USER_PICKED, and USER_PICKED for a selection; refuse two values of one name."""
        if self.test_plan_id and self.test_plan_name:
            yield "`test-plan-id` and `test-plan-name` both select a plan: remove one of them"
        if self.uploads and self.upload_project_id is None:
            yield "`uploads` needs `upload-project-id`: the project that the builds belong to"
        if twice := sorted(self.uploads.keys() & {each.lstrip("0") for each in self.upload_versions}):
            yield f"`uploads` and `upload-versions` both set device {twice[0]}: remove one of them"
        if both := sorted(self.runtime_data.keys() & self.runtime_secrets.keys()):
            yield f"`runtime-data` and `runtime-secrets` both set {both[0]!r}: remove one of them"
        if (self.rerun_type == "USER_PICKED") != bool(self.test_case_results):
            yield "set `rerun-type: USER_PICKED` and `test-case-results` together, or neither of them"
