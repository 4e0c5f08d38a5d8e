"""Images with infotexts dropped on Generate: what they would change, applied, and undone."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Locator, expect

from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOREIGN = (
    "a harbour at dawn\nNegative prompt: fog\nSteps: 31, Sampler: DPM++ 2M Karras, CFG scale: 5.5, "
    "Seed: 7, Size: 512x320, Model hash: 0123456789, Model: dreamer, ENSD: 31337"
)
DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/png" }));
  const on = document.querySelector("[data-testid=stMain]");
  const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
  on.dispatchEvent(new DragEvent("dragover", options));
  on.dispatchEvent(new DragEvent("drop", options));
}"""
PASTE = """(text) => {
  const transfer = new DataTransfer();
  transfer.setData("text/plain", text);
  const options = { clipboardData: transfer, bubbles: true, cancelable: true };
  const on = document.querySelector("[data-testid=stMain]");
  on.dispatchEvent(new ClipboardEvent("paste", options));
}"""


def test_settings_are_read_from_what_is_dropped(tmp_path: Path, new_page: NewPage) -> None:
    with running(tmp_path / "data", demo=True) as app:
        user = StudioPage(new_page(), app.url)
        user.open("/endpoints")
        user.is_in_service()
        user.go("Generate")
        user.number("Steps", 2)
        user.number("Seed", 4)
        user.generate("a red square")
        user.finished()
        own = saved(user)
        user.number("Steps", 3)
        user.box("Prompt", "something else")
        drop(user, "own.png", own)
        dialog = shown(user)
        expect(row(dialog, "Steps")).to_be_checked()
        expect(dialog.get_by_text("3 → 2", exact=True)).to_be_visible()
        dialog.get_by_role("button", name="Apply").click()
        expect(dialog).to_be_hidden()
        holds(user, prompt="a red square", steps=2)
        user.button("Keep it")

        drop(user, "foreign.png", foreign())
        dialog = shown(user)
        expect(dialog.get_by_text("dreamer", exact=True)).to_be_visible()
        row(dialog, "Steps").click(force=True)
        expect(row(dialog, "Steps")).not_to_be_checked()
        dialog.get_by_role("button", name="Apply").click()
        holds(user, prompt="a harbour at dawn", steps=2)
        user.button("Undo")
        holds(user, prompt="a red square", steps=2)

        user.page.evaluate(PASTE, FOREIGN)
        expect(row(shown(user), "Steps")).to_be_checked()
        user.page.keyboard.press("Escape")
        expect(user.page.get_by_role("dialog")).to_be_hidden()
        holds(user, prompt="a red square", steps=2)


def drop(user: StudioPage, name: str, data: str) -> None:
    user.page.evaluate(DROP, [name, data])


def shown(user: StudioPage) -> Locator:
    dialog = user.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Apply")).to_be_visible()
    return dialog


def row(dialog: Locator, name: str) -> Locator:
    return dialog.get_by_role("checkbox", name=name, exact=True)


def holds(user: StudioPage, *, prompt: str, steps: int) -> None:
    page = user.page
    user.prompt_is(prompt)
    expect(page.get_by_role("spinbutton", name="Steps", exact=True)).to_have_value(str(steps))


def saved(user: StudioPage) -> str:
    with user.page.expect_download() as waiting:
        download = user.page.get_by_test_id("stDownloadButton")
        download.get_by_role("button", name="Save").click()
    return encoded(waiting.value.path().read_bytes())


def foreign() -> str:
    buffer, info = io.BytesIO(), PngInfo()
    info.add_text("parameters", FOREIGN)
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    return encoded(buffer.getvalue())


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
