"""Makes sure that one click has one effect."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from core.jobs.records import Job

_REMEMBERED: Final = 1000


@dataclass
class _Click:
    """One click: the first thread that comes acts, the others wait and get the same jobs."""

    lock: Lock = field(default_factory=Lock)
    jobs: tuple[Job, ...] | None = None


class Clicks:
    """Remembers what each click made. A session stays with one process, so that its memory is
    enough: after a reload the page has a new click to give."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._clicks: OrderedDict[str, _Click] = OrderedDict()

    def once(self, name: str, act: Callable[[], tuple[Job, ...]]) -> tuple[Job, ...]:
        """Act on the first call; after an error, when nothing was made, on the next one too."""
        with self._lock:
            click = self._clicks.setdefault(name, _Click())
            while len(self._clicks) > _REMEMBERED:
                self._clicks.popitem(last=False)
        with click.lock:
            if click.jobs is None:
                click.jobs = act()
            return click.jobs
