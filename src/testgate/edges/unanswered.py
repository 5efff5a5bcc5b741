"""What a request without an answer is called: words and remedies for people.

Whether the request may have arrived isn't decided here: only our side of the socket knows that. And
nothing is decided by the text of an exception, which a server or a proxy can choose.
"""

import http.client
import ssl
from collections.abc import Callable
from typing import NamedTuple

import requests
import urllib3.exceptions

from testgate.edges.connections import NoAuthorities
from testgate.errors import Unanswered
from testgate.text import shown
from testgate.wire import Request

_LONGEST_REASON = 200


def fault_of(request: Request, error: Exception, *, wrote: bool, redact: Callable[[str], str]) -> Unanswered:
    """The fault for an exception of the libraries. `wrote` says whether anything of the request was written."""
    cause = _root(error)
    kind = next((kind for kind in _KINDS if kind.after is wrote and kind.fits(error, cause)), _BROKEN[wrote])
    why = f" ({_words(cause, redact)})" if kind.why else ""
    return Unanswered(
        f"{request.label}: {kind.words}{why}",
        maybe_arrived=wrote,
        lasting=kind.lasting,
        remedy=kind.remedy,
        about=kind.about,
    )


class _Kind(NamedTuple):
    """A fault that is recognised by the type of the exception that came, or of the innermost one.

    `after` says whether it can only come after a part of the request was written, or only before.
    `why` adds the innermost exception's own words.
    """

    fits: Callable[[Exception, BaseException], bool]
    words: str
    remedy: str = ""
    after: bool = False
    lasting: bool = False
    why: bool = False
    about: str = "URL"


def _is_bundle(_error: Exception, cause: BaseException) -> bool:
    """Whether the file of certificate authorities is missing, unreadable, or no such file."""
    unread = isinstance(cause, NoAuthorities | FileNotFoundError | PermissionError)
    return unread or (isinstance(cause, ssl.SSLError) and cause.library in {"X509", "PEM"})


def _is_proxy_address(error: Exception, cause: BaseException) -> bool:
    """Whether the proxy's address itself can't be used."""
    useless = requests.exceptions.InvalidProxyURL, urllib3.exceptions.ProxySchemeUnknown
    return isinstance(error, useless) or isinstance(cause, useless)


_PROXY = "Check HTTPS_PROXY (with credentials, if the proxy wants any) and NO_PROXY."
_NO_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationParseError,
    UnicodeError,
)
_KINDS = (
    _Kind(
        lambda _error, cause: isinstance(cause, ssl.SSLCertVerificationError),
        "the server's certificate is not trusted",
        "Check `base-url`. For a certificate authority of your own, give its file as `ca-file`.",
        lasting=True,
        why=True,
        about="TLS",
    ),
    _Kind(
        _is_bundle,
        "the file of trusted certificate authorities cannot be used",
        "Check `ca-file`, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE: a file in PEM format that this step can read.",
        lasting=True,
        why=True,
        about="TLS",
    ),
    _Kind(_is_proxy_address, "the proxy's address cannot be used", _PROXY, lasting=True, about="proxy"),
    _Kind(
        lambda error, _cause: isinstance(error, requests.exceptions.ProxyError),
        "the proxy could not be used",
        _PROXY,
        why=True,
        about="proxy",
    ),
    _Kind(
        lambda _error, cause: isinstance(cause, urllib3.exceptions.NameResolutionError),
        "the host name was not found",
        "Check `base-url`, DNS and proxy.",
    ),
    _Kind(
        lambda error, cause: (
            isinstance(error, requests.exceptions.Timeout) or isinstance(cause, urllib3.exceptions.NewConnectionError)
        ),
        "no connection",
        "Check `base-url`, and that this runner may reach it (firewall, proxy).",
        why=True,
    ),
    _Kind(
        lambda _error, cause: isinstance(cause, ssl.SSLError) and cause.reason == "WRONG_VERSION_NUMBER",
        "something answers there, but not in TLS",
        "Check the port in `base-url`, and that nothing between here and there answers in its place.",
        about="TLS",
    ),
    _Kind(
        lambda error, _cause: isinstance(error, _NO_URL),
        "not a usable URL",
        "Check `base-url`, and HTTPS_PROXY where one is set.",
        lasting=True,
    ),
    _Kind(lambda error, _cause: isinstance(error, requests.exceptions.Timeout), "no answer in time", after=True),
    _Kind(lambda _error, cause: isinstance(cause, http.client.IncompleteRead), "the answer was cut short", after=True),
    _Kind(
        lambda error, _cause: isinstance(error, requests.exceptions.ContentDecodingError),
        "the answer could not be decompressed",
        after=True,
    ),
)
_BROKEN = {
    after: _Kind(lambda _error, _cause: True, words, after=after, why=True, about="")
    for after, words in ((True, "the connection broke"), (False, "the connection broke before anything was sent"))
}


def _root(error: BaseException) -> BaseException:
    """The innermost exception that says why: through `reason`, then the arguments."""
    for _depth in range(8):
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((each for each in error.args if isinstance(each, BaseException)), None)
        if inner is None:
            return error
        error = inner
    return error


def _words(error: BaseException, redact: Callable[[str], str]) -> str:
    """The reason without addresses of objects, urllib3's way of naming its pool, and marks of the TLS library."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return shown(error.verify_message.rstrip("."), redact, _LONGEST_REASON)
    if isinstance(error, _TIMED_OUT) and not isinstance(error, urllib3.exceptions.NewConnectionError):
        return "timed out"
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"TLS: {error.reason.lower().replace('_', ' ')}"
    cause = error.__cause__ or error.__context__ or error
    # Redacted before anything is cut off in front.
    said = getattr(cause, "strerror", None) or redact(str(error)).rsplit(">: ", 1)[-1].rsplit("): ", 1)[-1]
    return shown(said, redact, _LONGEST_REASON) or type(error).__name__


_TIMED_OUT = (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.ReadTimeoutError)
