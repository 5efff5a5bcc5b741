"""Answers of Testsigma Test Management that are about no test run: its envelope, and its two kinds of refusal."""

from testgate.demo.exchange import RawReply, json_reply
from testgate.demo.exchange import Refusal as Refusal


def enveloped(data: object, **beside: object) -> RawReply:
    """What was asked for, in the envelope that every success has."""
    return json_reply({"message": "", "data": data, **beside})


def refused(status: int, message: str) -> RawReply:
    """The short refusal."""
    return json_reply({"code": status, "message": message}, status)


def not_found() -> Refusal:
    """What was asked for is not there."""
    return Refusal(refused(404, "Not Found"))


def invalid(*details: str, status: int = 400) -> Refusal:
    """The long refusal: what is wrong with a request."""
    errors = {"code": status, "message": "Invalid request parameters", "details": list(details)}
    return Refusal(json_reply({"message": "The request could not be processed", "errors": errors}, status))
