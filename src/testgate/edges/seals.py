"""Seals what is kept where anybody can write: only somebody with the platform's key can make the seal."""

import hashlib
import hmac
import json


class Seal:
    """Makes seals with a key, which nobody can find out from them."""

    def __init__(self, key: str) -> None:
        self._key = hashlib.sha256(f"testgate {key}".encode("utf-8", errors="surrogatepass")).digest()

    def of(self, *facts: object) -> str:
        """The seal of facts that can be written as JSON."""
        return hashlib.blake2b(json.dumps(facts, sort_keys=True).encode(), key=self._key).hexdigest()

    def holds(self, seal: str, *facts: object) -> bool:
        """Whether this is the seal of these facts."""
        return hmac.compare_digest(seal.encode(errors="surrogatepass"), self.of(*facts).encode())
