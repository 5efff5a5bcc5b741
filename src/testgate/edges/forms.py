"""Forms with a file, as a stream: the file is read in pieces while it is being sent."""

from collections.abc import Iterator

from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary

from testgate.wire import FilePart, Request

PIECE = 1 << 16


class Unreadable(OSError):
    """The file can't be read, or isn't any more what it was when its size was told."""


class FormBody:
    """The body of a request with a file, for one attempt.

    `complete` says whether its last byte may have left: without it, no server can know the whole form. `broken` is what
    went wrong with the file, `sent` the number of bytes that were about to leave.
    """

    def __init__(self, file: FilePart, request: Request) -> None:
        self._file = file
        self._boundary = choose_boundary()
        texts = (RequestField(name, text) for name, text in (request.form or {}).items())
        self._head = b"".join(self._part(field) + str(field.data).encode() + b"\r\n" for field in texts)
        content = RequestField(file.field, b"", filename=file.name)
        self._head += self._part(content, "application/octet-stream")
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()
        self.complete = False
        self.broken: Unreadable | None = None
        self.sent = 0

    @property
    def content_type(self) -> str:
        """The header of the request."""
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        """The number of bytes of the whole body."""
        return len(self._head) + self._file.size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        """The body in pieces.

        Raises:
            Unreadable: the file can't be read, or has changed.

        """
        yield self._head
        for piece in self._content():
            self.sent += len(piece)
            self._file.sent(len(piece))
            yield piece
        self.complete = True
        yield self._tail

    def _content(self) -> Iterator[bytes]:
        """The file, exactly as many bytes as were announced."""
        left = self._file.size
        try:
            with self._file.open() as content:
                while piece := content.read(PIECE):
                    left -= len(piece)
                    if left < 0:
                        break
                    yield piece
        except OSError as error:
            raise self._broke(f"{self._file.name} cannot be read ({error.strerror or error})") from error
        if left:
            raise self._broke(f"{self._file.name} was changed while it was being uploaded")

    def _broke(self, why: str) -> Unreadable:
        """The exception, which the libraries wrap."""
        self.broken = Unreadable(why)
        return self.broken

    def _part(self, field: RequestField, content_type: str | None = None) -> bytes:
        """The head of a part."""
        field.make_multipart(content_type=content_type)
        return f"--{self._boundary}\r\n{field.render_headers()}".encode()
