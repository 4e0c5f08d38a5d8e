"""Every word in the editor is one that Python sent."""

from typing import Any, Final

import pytest
from playwright.sync_api import Page

from poses.hands import HandShape
from poses.preset_poses import default_pose
from tests.ui.components.module_page import editor_data
from tests.ui.components.pose_editor.editor_page import EditorPage
from ui.texts.pose.editor import joint_names

pytestmark = pytest.mark.browser

POSE: Final = default_pose()
SHOWN: Final = """() => {
  const attributes = ["aria-label", "aria-roledescription", "title", "alt"];
  const all = [...document.querySelectorAll("body *:not(style)")];
  const said = all.flatMap((node) => attributes.map((name) => node.getAttribute(name)));
  const own = all.flatMap((node) => [...node.childNodes].filter((child) => child.nodeType === 3));
  return [...said, ...own.map((node) => node.data)].filter((text) => text?.trim());
}"""


def marked(texts: Any) -> Any:
    """The same texts, each in brackets and with what HTML would take for its own."""
    if isinstance(texts, str):
        return f'[<b> & "{texts}"]'
    if isinstance(texts, dict):
        return {name: marked(text) for name, text in texts.items()}
    return [marked(text) for text in texts]


@pytest.fixture
def editor(empty_page: Page) -> EditorPage:
    """With marked texts, and everything open that can be."""
    opened = EditorPage(empty_page)
    data = editor_data(POSE)
    skeleton = {**data["skeleton"], "names": marked(joint_names())}
    opened.say(POSE, texts=marked(data["texts"]), skeleton=skeleton, background="data:,")
    for tool in ("help", "hands", "mirror"):
        opened.page.locator(f"[data-tool={tool}]").click()
    return opened


@pytest.mark.parametrize("keys", [[], ["Enter"], ["Delete", "Enter"], ["Control+z"]])
def test_every_word_is_sent(editor: EditorPage, keys: list[str]) -> None:
    editor.page.locator("circle.joint[data-part=body]").first.focus()
    for key in keys:
        editor.page.keyboard.press(key)
    shown = {text.strip() for text in editor.page.evaluate(SHOWN)}
    assert len(shown) > 60
    words = shown - {shape.value for shape in HandShape}
    assert [text for text in words if not text.startswith('[<b> & "')] == []
    assert [text for text in words if "{" in text or "undefined" in text] == []
