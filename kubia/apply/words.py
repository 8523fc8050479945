"""What kubectl, and the credential plugin that it runs, say on standard error."""

import os
import re
import threading

from kubia import console

_KUBECTLS = re.compile(r"^[IWEF]\d{4} .*\n?", re.MULTILINE)
"""Log lines of kubectl's own: what they say of a request comes as its answer, too."""


class Words:
    """Keeps what comes through a pipe, and shows it: a plugin may ask its user to log in."""

    def __init__(self) -> None:
        """Open the pipe; `end` is for the process."""
        self._text = ""
        self._hold = True
        self._lock = threading.Lock()
        self._start, self.end = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Show from now on what comes, and what has come."""
        with self._lock:
            self._hold = False
            self._show(self._text)

    def hold(self) -> None:
        """Show no more: what comes now is of an end that is meant."""
        with self._lock:
            self._hold = True

    def all(self) -> str:
        """Return all that came, once the process has ended."""
        self.close()
        self._thread.join(1)
        return self._text.strip()

    def close(self) -> None:
        """Leave the pipe to the process."""
        if self.end >= 0:
            os.close(self.end)
            self.end = -1

    def _read(self) -> None:
        with os.fdopen(self._start, "rb", buffering=0) as pipe:
            while part := pipe.read(65536):
                text = part.decode(errors="replace")
                with self._lock:
                    self._text = (self._text + text)[-10_000:]
                    if not self._hold:
                        self._show(text)

    @staticmethod
    def _show(text: str) -> None:
        if shown := _KUBECTLS.sub("", text).strip():
            console.err(shown)
