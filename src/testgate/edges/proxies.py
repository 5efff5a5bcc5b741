"""Credentials of proxies, which stand in the environment: they are secrets like the key."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote

_SUFFIX = "_PROXY"  # HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and their like, in any case


def proxy_secrets(environ: Mapping[str, str]) -> list[str]:
    """Everything that must not be shown: passwords, and `user:password`, whose base64 is what a proxy is sent."""
    found: dict[str, None] = {}
    for variable, value in environ.items():
        if variable.upper().endswith(_SUFFIX):
            found.update(dict.fromkeys(_secrets(value.strip())))
    return [*found]


def _secrets(url: str) -> Iterator[str]:
    """The secrets of one proxy, as written and decoded."""
    for user_info in dict.fromkeys(_user_infos((url.partition("://")[2] or url).lstrip("/"))):
        user, colon, password = user_info.partition(":")
        if password:
            yield from (password, unquote(password), user_info, f"{unquote(user)}:{unquote(password)}")
        elif user:  # a token in the place of the user; it's sent with an empty password
            yield from (user, unquote(user), f"{unquote(user)}:", f"{user}{colon}")


def _user_infos(rest: str) -> Iterator[str]:
    """What may be the credentials: to the last `@` of the host's part, and of the whole if a password isn't encoded."""
    host = rest
    for mark in "/?#":
        host = host.partition(mark)[0]
    for text in (host, rest):
        before, at, _after = text.rpartition("@")
        if at:
            yield before
