"""Serves the components' scripts to a page in Chromium that has nothing else, to call into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final

import uvicorn
from playwright.sync_api import JSHandle, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from formats.openpose.skeleton import Skeleton
from poses.preset_poses import default_pose
from tests.support.helpers import ROOT, wait_for
from ui.components import prompt_tables
from ui.components.pose_editor_data import figure_data
from ui.components.script_files import routes, script_url

FOLDER: Final = ROOT / "ui" / "components"
_PURE: Final = sorted((FOLDER / "pose_editor" / "pose").glob("*.js"))
"""The pose editor's modules that need no page; their exports have different names."""

_LOAD: Final = """async ([urls, tables]) => {
  const loaded = await Promise.all(urls.map((url) => import(url)));
  const names = Object.assign({}, ...loaded);
  return { ...names, skeleton: new names.Skeleton(tables) };
}"""


@contextmanager
def served() -> Iterator[str]:
    """The address of an empty page whose server also has the scripts."""
    pages = [Route("/", _empty), *routes, *prompt_tables.routes]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=pages), port=0, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


async def _empty(_request: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html><title>Modules</title>")


def url_of(file: Path) -> str:
    """The address of a module of ours."""
    return script_url(file.relative_to(FOLDER).as_posix())


def editor_data(pose: Skeleton, **more: Any) -> dict[str, Any]:
    """What Python tells the pose editor of a pose."""
    return {
        "board": "board",
        "rev": "1",
        "width": pose.width,
        "height": pose.height,
        "people": pose.model_dump(mode="json")["people"],
        "hands": False,
        "lock": False,
        **figure_data(pose, default_pose().people[0]),
        **more,
    }


class PoseModules:
    """What the modules of `pose_editor/pose` export, called from Python with JSON values."""

    def __init__(self, page: Page) -> None:
        self.page = page
        urls = [url_of(file) for file in _PURE]
        self._exports = page.evaluate_handle(_LOAD, [urls, editor_data(default_pose())["skeleton"]])

    @property
    def skeleton(self) -> JSHandle:
        """The one of `formats.openpose`; an argument to the calls."""
        return self._exports.get_property("skeleton")

    def call(self, name: str, *arguments: Any) -> Any:
        """The result of an exported function."""
        return self.run(f"({{ {name} }}, given) => {name}(...given)", list(arguments))

    def run(self, script: str, argument: Any = None) -> Any:
        """The result of a function of all exports and one argument."""
        return self.page.evaluate(
            f"([exports, argument]) => ({script})(exports, argument)", [self._exports, argument]
        )
