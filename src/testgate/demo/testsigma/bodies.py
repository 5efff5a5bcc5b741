"""What a request's body must be before anything else is looked at."""

from collections.abc import Mapping
from typing import Any

from testgate.demo.testsigma.replies import Refusal, invalid

_FIELDS: Mapping[str, tuple[type, ...]] = {
    "executionId": (int,),
    "environmentId": (int, str),
    "executionConfig": (dict,),
    "uploadVersions": (dict,),
    "buildNo": (str,),
    "runtimeData": (dict,),
    "isReRun": (bool,),
}


def json_object(body: object, millis: int) -> dict[str, Any]:
    """A body that is a JSON object.

    Raises:
        Refusal: it is not.

    """
    if not isinstance(body, dict):
        raise Refusal(invalid("Malformed JSON request", "", millis, 400))
    return body


def wrong_field(body: Mapping[str, object]) -> str:
    """The name of the first field of a trigger's body that is missing or wrong; "" where all are well."""
    plan = body.get("executionId")
    if isinstance(plan, str) and plan.isdecimal():
        body = {**body, "executionId": int(plan)}
    elif plan is None or isinstance(plan, bool):
        return "executionId"
    for name, types in _FIELDS.items():
        if body.get(name) is not None and not isinstance(body[name], types):
            return name
    config = body.get("executionConfig")
    return "executionConfig" if isinstance(config, dict) and not config.keys() & {"name", "id"} else ""


def check_stop(body: object, millis: int, *, everybody: bool) -> None:
    """Accept only the documented body of a stop; `canStopAll` is true where it is left out.

    Raises:
        Refusal: it is another, or one for the other kind of stop.

    """
    given = {"canStopAll": True, **json_object(body, millis)}
    if given["canStopAll"] is not everybody or given != {"canStopAll": everybody, "result": "STOPPED"}:
        raise Refusal(invalid("This is no stop of this kind", "canStopAll", millis, 400))
