"""Measures a dashboard that a team works at: people's sessions over websockets, and their jobs.

    .venv/bin/python -m bench.team_load [--people 20] [--jobs 200] [--seconds 60]

Each person is signed in by a load balancer's header, has private jobs, and goes from page to page
as a browser does: every page's fragments run again at the intervals that the server asked for.
Times are from a message to the end of the run that it began. Whatever a session is sent is searched
for the prompts of others.
"""

import argparse
import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import psutil
from pydantic import SecretStr
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from bench.page_way import CHECKPOINT
from bench.whole_way import ROOT, until
from core.aws.client import Connection
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.settings import Identity, Settings
from core.studio.service import open_studio
from core.team.users import Role, User
from local_aws.data_folder import DataFolder
from tests.browser.app_process import App, running
from tests.support.load_balancer import ARN, ISSUER, KeyServer, SigningKey, key_server

HOST: Final = "studio.test"
_SECRET: Final = "s" * 32
_PAGES: Final = ("", "controlnet", "jobs", "models", "endpoints")
_LOOKS: Final = (2.0, 6.0)
"""Seconds that somebody looks at a page, at least and at most."""

_PROMPT: Final = re.compile(rb"secret of p(\d\d)")


@dataclass
class Figures:
    """What all sessions saw; seconds."""

    first: list[float] = field(default_factory=list)
    """The first page of each session, all at the same moment."""
    pages: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in _PAGES})
    fragments: list[float] = field(default_factory=list)
    foreign: int = 0
    """Messages with a prompt of somebody else's."""
    own: int = 0


def main() -> None:
    """Start a dashboard, let people work at it, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, key_server() as keys:
        key = keys.publish(SigningKey())
        with _dashboard(Path(folder), keys) as app:
            _prepare(Path(folder), app.data, asked.people, asked.jobs)
            _measure(app, key, asked.people, asked.seconds)


@contextmanager
def _dashboard(folder: Path, keys: KeyServer) -> Iterator[App]:
    environment = {
        "CONTRAPPOSTO_IDENTITY": Identity.ALB.value,
        "CONTRAPPOSTO_SECRET": _SECRET,
        "CONTRAPPOSTO_ALB_ARN": ARN,
        "CONTRAPPOSTO_ALB_KEYS_URL": keys.url,
        "CONTRAPPOSTO_PUBLIC_URL": f"https://{HOST}",
    }
    with running(folder / "data", demo=False, at=0, **environment) as app:
        yield app


def _person(number: int) -> User:
    name = f"{ISSUER.removeprefix('https://')}/p{number:02}"
    return User(name=name, role=Role.ARTIST, title=f"p{number:02}@example.com")


def _prepare(folder: Path, data: Path, people: int, jobs: int) -> None:
    """A checkpoint, an endpoint, and everybody's jobs, which the dashboard then follows."""
    script = ROOT / "tests" / "support" / "tiny_models.py"
    subprocess.run([sys.executable, str(script), str(folder / "tiny")], check=True)
    found = DataFolder(data).active_connection()
    if found is None:
        raise SystemExit("the embedded AWS is gone")
    connection = Connection(
        url=found.url,
        access_key=found.access_key,
        region=found.region,
        secret_key=SecretStr(found.secret_key),
    )
    settings = Settings(data=data, secret=SecretStr(_SECRET))
    admin = User(name="admin", role=Role.ADMIN)
    with open_studio(settings, connection) as studio:
        studio.uploads.start_paths(admin, [str(folder / "tiny" / CHECKPOINT)], None)
        until(lambda: not studio.uploads.list(admin)[0].active)
        studio.endpoints.create(admin, "team", "ml.m5.large", 1)
        until(lambda: studio.endpoints.list(admin, refresh=True)[0].accepts_jobs)
        for number in range(jobs):
            who = _person(number % people)
            draft = Draft(
                endpoint="team",
                checkpoints=(CHECKPOINT,),
                prompt=f"secret of {who.title[:3]}, {number}",
                steps=20,
                width=256,
                height=256,
            )
            studio.jobs.submit(who, draft, new_id())


def _measure(app: App, key: SigningKey, people: int, seconds: float) -> None:
    figures, process = Figures(), psutil.Process(app.process.pid)
    before, begun = process.cpu_times(), time.monotonic()
    asyncio.run(_all_sessions(app, key, people, seconds, figures))
    after, lasted = process.cpu_times(), time.monotonic() - begun
    used = after.user + after.system - before.user - before.system
    print(f"{people} people for {lasted:.0f} s")
    _show("all pages", [seconds for times in figures.pages.values() for seconds in times])
    for page, times in figures.pages.items():
        _show(f"  {page or 'generate'}", times)
    _show("first pages, all at once", figures.first)
    _show("fragments", figures.fragments)
    print(f"dashboard: {used / lasted:.0%} of one core, {process.memory_info().rss >> 20} MiB")
    print(f"messages with own prompts: {figures.own}, with another's: {figures.foreign}")


def _show(what: str, times: list[float]) -> None:
    p95 = quantiles(times, n=20)[-1]
    print(f"{what}: {len(times)}, median {median(times):.3f} s, p95 {p95:.3f} s")


async def _all_sessions(
    app: App, key: SigningKey, people: int, seconds: float, figures: Figures
) -> None:
    sessions = [_session(app, key, number, seconds, figures) for number in range(people)]
    await asyncio.gather(*sessions)


async def _session(
    app: App, key: SigningKey, number: int, seconds: float, figures: Figures
) -> None:
    claims = {"iss": ISSUER, "sub": f"p{number:02}", "email": f"p{number:02}@example.com"}
    port = int(app.url.rpartition(":")[2])
    async with connect(
        f"ws://{HOST}/_stcore/stream",
        host="127.0.0.1",
        port=port,
        origin=Origin(f"https://{HOST}"),
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"x-amzn-oidc-data": key.header(claims), "x-forwarded-for": "10.0.0.1"},
        max_size=None,
        proxy=None,
    ) as socket:
        await Person(socket, number, figures).work(time.monotonic() + seconds)


class Person:
    """Somebody's browser session; one run is under way at a time, as Streamlit has it."""

    def __init__(self, socket: ClientConnection, number: int, figures: Figures) -> None:
        self._socket = socket
        self._own = f"{number:02}".encode()
        self._figures = figures
        self._random = random.Random(number)
        self._pages: dict[str, str] = {}
        self._page = ""
        self._intervals: dict[str, float] = {}

    async def work(self, until_time: float) -> None:
        """Go from page to page until the time is over."""
        await self._run(self._figures.first)
        while time.monotonic() < until_time:
            await self._look(time.monotonic() + self._random.uniform(*_LOOKS))
            name = self._random.choice(_PAGES)
            self._page = self._pages[name]
            self._intervals.clear()
            await self._run(self._figures.pages[name])

    async def _look(self, until_time: float) -> None:
        """Stay on the page, whose fragments run again meanwhile."""
        due = {name: time.monotonic() + every for name, every in self._intervals.items()}
        while (now := time.monotonic()) < until_time:
            name = min(due, key=lambda each: due[each], default=None)
            if name is None or due[name] > until_time:
                await asyncio.sleep(until_time - now)
                return
            await asyncio.sleep(max(0.0, due[name] - now))
            await self._run(self._figures.fragments, name)
            due[name] = time.monotonic() + self._intervals.get(name, 3.0)

    async def _run(self, times: list[float], fragment: str = "") -> None:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        begun = time.monotonic()
        await self._socket.send(message.SerializeToString())
        with suppress(TimeoutError):
            async with asyncio.timeout(60):
                while not self._took(await self._socket.recv(decode=False)):
                    pass
        times.append(time.monotonic() - begun)

    def _took(self, data: bytes) -> bool:
        """Whether this message ends the run."""
        for owner in _PROMPT.findall(data):
            self._figures.own += owner == self._own
            self._figures.foreign += owner != self._own
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "auto_rerun":
            self._intervals[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self._pages = {
                "" if page.is_default else page.url_pathname: page.page_script_hash
                for page in pages
            }
        return bool(kind == "script_finished")


if __name__ == "__main__":
    main()
