"""The pose editor alone on a page: what Streamlit would say to it is said here."""

from typing import Any, Final

from playwright.sync_api import Locator, Page

from formats.openpose.skeleton import Skeleton
from tests.ui.components.module_page import FOLDER, editor_data, url_of

_ENTRY: Final = FOLDER / "pose_editor" / "index.js"
_MOUNT: Final = """async ([url, style]) => {
  const { default: draw } = await import(url);
  const sheet = Object.assign(document.createElement("style"), { textContent: style });
  const host = document.createElement("div");
  host.innerHTML = "<div class='root'></div>";
  document.body.replaceChildren(sheet, host);
  const answers = [];
  const setStateValue = (name, value) => answers.push([name, value]);
  const say = (data) => draw({ data, parentElement: host, setStateValue });
  return { say, answers };
}"""


class EditorPage:
    """One editor; `say` is Python's next message, `pose` its last answer."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.open()

    def open(self) -> None:
        """Put a new editor in the place of the old one."""
        style = (_ENTRY.parent / "style.css").read_text("utf-8")
        self._mounted = self.page.evaluate_handle(_MOUNT, [url_of(_ENTRY), style])

    def say(self, pose: Skeleton, **more: Any) -> None:
        """What Python sends with a run of the script."""
        data = editor_data(pose, **more)
        self._close = self.page.evaluate_handle(
            "([mounted, data]) => mounted.say(data)", [self._mounted, data]
        )

    def close(self) -> None:
        """The user goes to another page."""
        self._close.evaluate("close => close()")

    def answers(self) -> list[list[Any]]:
        """What the editor handed over so far: the name of the state and its value."""
        found: list[list[Any]] = self._mounted.evaluate("({ answers }) => answers")
        return found

    def answer(self, count: int = 1) -> dict[str, Any]:
        """The last answer, once there are so many."""
        self.page.wait_for_function(
            "([{ answers }, count]) => answers.length >= count", arg=[self._mounted, count]
        )
        answers = self.answers()
        assert (len(answers), answers[-1][0]) == (count, "pose")
        return dict(answers[-1][1])

    def joint(self, name: str) -> Locator:
        """A joint of the body of the first figure."""
        return self.page.locator(f"circle.joint[aria-label^='person 1, {name},']")

    def shown(self, name: str) -> tuple[float, float]:
        """Where it is drawn."""
        joint = self.joint(name)
        return float(joint.get_attribute("cx") or "nan"), float(joint.get_attribute("cy") or "nan")

    def text(self, name: str) -> str:
        """What is written below the canvas: `about` or `zoom`."""
        return self.page.locator(f".{name}").inner_text()
