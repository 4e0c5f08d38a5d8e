"""An upload while this process works on it: its progress in memory, and how it is stopped."""

from collections import deque
from collections.abc import Callable
from threading import Event, Lock
from typing import Any, Final

from core.errors import UploadCancelled
from core.models.uploads.records import Upload, Wish
from core.texts.models import uploads as texts

_WINDOW: Final = 5.0
"""Seconds that the speed is told of; on a slow line, since the report before."""
_GRACE: Final = 3.0
"""Seconds that parts under way have to arrive before a pause breaks them off."""
_STEP: Final = 0.25
"""Seconds between two looks at how far it is."""

Save = Callable[[Upload, dict[str, Any]], None]
"""Writes changes into the record at once."""


class LiveUpload:
    """One upload under way. Safe for several threads."""

    def __init__(self, upload: Upload, save: Save, seconds: Callable[[], float]) -> None:
        self._upload = upload
        self._save = save
        self._seconds = seconds
        self._lock = Lock()
        self._samples: deque[tuple[float, int]] = deque()
        self.stop = Event()
        self.wish = Wish.RUN
        """Why it stops; `RUN` where the dashboard ends or somebody else has it."""
        self._stopped_at = 0.0
        self.ended = Event()
        """The work is over, and what came of it is in `upload`."""

    @property
    def upload(self) -> Upload:
        """As it is now."""
        with self._lock:
            return self._upload

    @property
    def shown(self) -> Upload | None:
        """As it is now; None once it has ended, from when on its record alone counts."""
        with self._lock:
            return None if self.ended.is_set() else self._upload

    def end(self, **changes: Any) -> None:
        """The work is over; the record is yet to be written."""
        with self._lock:
            changes = {"bytes_per_second": 0.0, **changes}
            self._upload = self._upload.model_copy(update=changes)
            self.ended.set()

    @property
    def breaks_off(self) -> bool:
        """Whether not even a part under way is to be ended."""
        is_late = self._seconds() - self._stopped_at > _GRACE
        return self.stop.is_set() and (is_late or self.wish is Wish.CANCEL)

    def stop_for(self, wish: Wish) -> None:
        """Let the work end soon."""
        self.wish = wish
        if not self.stop.is_set():
            self._stopped_at = self._seconds()
        self.stop.set()

    def check(self) -> None:
        """Raise UploadCancelled where the work is to end."""
        if self.stop.is_set():
            raise UploadCancelled(texts.UPLOAD_CANCELLED)

    def report(self, **changes: Any) -> None:
        """Change it in memory; the record follows within seconds."""
        now = self._seconds()
        with self._lock:
            if changes.get("stage", self._upload.stage) is not self._upload.stage:
                self._samples.clear()
            self._upload = self._upload.model_copy(update=changes | self._speed(now, changes))

    def save(self, **changes: Any) -> None:
        """Change it in the record too, at once. Raises AwsError, UploadCancelled where another
        dashboard has taken it."""
        self.report(**changes)
        self._save(self._upload, changes)

    def _speed(self, now: float, changes: dict[str, Any]) -> dict[str, float]:
        if "done" not in changes:
            return {}
        samples = self._samples
        if samples and now - samples[-1][0] < _STEP:
            return {}
        samples.append((now, changes["done"]))
        while now - samples[0][0] > _WINDOW and len(samples) > 2:
            samples.popleft()
        (before, first), (_, last) = samples[0], samples[-1]
        speed = max(0.0, (last - first) / (now - before)) if now > before else 0.0
        return {"bytes_per_second": speed}
