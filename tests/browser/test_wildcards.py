"""Wildcard files are added, named by a prompt, edited, deleted; the page tells what it makes."""

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import NewPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILES: list[FilePayload] = [
    {"name": "colors.txt", "mimeType": "text/plain", "buffer": b"red\nblue\ngreen"},
    {"name": "animals.yaml", "mimeType": "text/yaml", "buffer": b"cats: [tiger, lion]"},
    {"name": "bad.json", "mimeType": "application/json", "buffer": b"{"},
]


def test_a_prompt_chooses_from_the_teams_files(new_page: NewPage, url: str) -> None:
    page = new_page()
    page.goto(url)
    expect(page.locator(".cm-editor")).to_have_count(2)  # text areas are there a moment before
    prompt = page.get_by_role("textbox", name="Prompt", exact=True)
    prompt.fill("a __colors__ __cats__")
    page.keyboard.press("Tab")
    told = page.locator(".st-key-generate-expansions")
    expect(told.get_by_text("there is no wildcard __colors__")).to_be_visible()
    page.get_by_role("button", name="Wildcard files").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Add files").click()
    dialog.locator("input[type=file]").set_input_files(FILES)
    expect(dialog.get_by_text("animals.yaml")).to_be_visible()
    dialog.get_by_role("button", name="Add them").click()
    expect(dialog.get_by_text("bad.json: This is no JSON that can be read")).to_be_visible()
    values = dialog.get_by_role("textbox", name="Values")
    expect(values).to_have_value("cats: [tiger, lion]")
    values.fill("cats: [tiger, lion, lynx]")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_text("Former versions")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(told.get_by_text("9 combinations")).to_be_visible()
    told.get_by_text("All combinations").click()
    expect(told.get_by_text("9 jobs")).to_be_visible()
    expect(told.get_by_text("a red tiger", exact=False)).to_be_visible()
    page.get_by_role("button", name="Wildcard files").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(dialog.get_by_text("“animals” is in the trash.")).to_be_visible()
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog.get_by_text("“animals” is in the trash.")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    expect(told.get_by_text("9 combinations")).to_be_visible()
