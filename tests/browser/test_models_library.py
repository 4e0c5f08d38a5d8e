"""The library in the browser: search and facets in the address, a card's words and settings in
Generate, edits, the trash and its undo, the list of uploads."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage
from tests.support import tiny_models

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKPOINT, STYLE, VAE = "tiny-noise-v1", "tiny-style-lora", "tiny-vae"


@pytest.fixture(scope="module")
def app(
    tmp_path_factory: pytest.TempPathFactory, models: Path, new_session: NewPage
) -> Iterator[App]:
    """A dashboard with a checkpoint, a LoRA and a VAE."""
    with running(tmp_path_factory.mktemp("library") / "data") as started:
        user = StudioPage(new_session(), started.url)
        user.open("/models")
        user.upload_models([models / f"{name}.safetensors" for name in (CHECKPOINT, STYLE, VAE)])
        yield started


@pytest.fixture
def user(app: App, new_page: NewPage) -> StudioPage:
    """Somebody at the page Models."""
    opened = StudioPage(new_page(), app.url)
    opened.open("/models")
    expect(cards(opened.page).first).to_be_visible()
    return opened


def cards(page: Page) -> Locator:
    return page.locator("article.card")


def has_titles(page: Page, *titles: str) -> None:
    expect(page.locator("article.card .title")).to_have_text(list(titles))


def open_card(user: StudioPage, title: str) -> Locator:
    user.page.locator("button.open", has_text=title).click()
    drawer = user.page.get_by_role("dialog")
    expect(drawer.get_by_text("About the file")).to_be_visible()
    return drawer


def test_search_facets_and_layout_stand_in_the_address(app: App, user: StudioPage) -> None:
    page = user.page
    page.get_by_role("searchbox", name="Search", exact=True).fill("tiny -vae")
    page.keyboard.press("Enter")
    has_titles(page, CHECKPOINT, STYLE)
    page.get_by_role("button", name="LoRA · 1").click()
    has_titles(page, STYLE)
    expect(page).to_have_url(re.compile(r"q=tiny\+-vae.*kind=Lora|kind=Lora.*q=tiny\+-vae"))
    address = page.url
    page.reload()
    has_titles(page, STYLE)
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_have_value("tiny -vae")
    user.go("Jobs")
    user.go("Models")
    has_titles(page, STYLE)
    page.get_by_role("searchbox", name="Search", exact=True).fill("nothing like this")
    page.keyboard.press("Enter")
    user.sees("No model fits")
    user.button("Clear the filters")
    expect(cards(page)).to_have_count(3)
    page.goto(address)
    has_titles(page, STYLE)
    page.get_by_role("radio").nth(-1).click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page).to_have_url(re.compile("view=table"))
    page.get_by_role("radio").nth(-2).click()
    has_titles(page, STYLE)


def test_a_cards_words_and_settings_come_to_generate(user: StudioPage) -> None:
    drawer = open_card(user, STYLE)
    expect(drawer.get_by_role("checkbox", name="noisy")).to_be_checked()
    drawer.get_by_role("button", name="Insert into prompt").click()
    expect(drawer.get_by_text("Now in Generate's prompt")).to_be_visible()
    drawer.get_by_role("link", name="Open Generate").click()
    user.prompt_is("noisy, <lora:tiny-style-lora:1>")
    user.go("Models")
    drawer = open_card(user, CHECKPOINT)
    drawer.get_by_text("Edit", exact=True).click()
    for name, value in (("Best steps", "7"), ("Best CFG scale", "3")):
        drawer.get_by_role("spinbutton", name=name).fill(value)
    drawer.get_by_role("button", name="Save", exact=True).click()
    drawer.get_by_role("button", name="Use these settings").click()
    expect(drawer.get_by_text("Steps 20 → 7, CFG scale 7 → 3")).to_be_visible()
    drawer.get_by_role("button", name="Use this checkpoint").click()
    steps = user.page.get_by_role("spinbutton", name="Steps", exact=True)
    expect(steps).to_have_value("7")
    expect(user.page.get_by_text("is best with")).to_have_count(0)
    steps.fill("20")
    steps.press("Tab")
    user.sees("tiny-noise-v1 is best with Steps 7")
    user.button("Use its settings")
    expect(steps).to_have_value("7")


def test_an_edit_stays_and_is_found(user: StudioPage) -> None:
    drawer = open_card(user, VAE)
    drawer.get_by_text("Edit", exact=True).click()
    drawer.get_by_role("textbox", name="Title").fill("Soft colours")
    drawer.get_by_role("textbox", name="Tags").fill("pastel, soft")
    drawer.get_by_role("textbox", name="Source").fill("http://example.org")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(drawer.get_by_text("must be an https address")).to_be_visible()
    drawer.get_by_role("textbox", name="Source").fill("https://example.org/vae")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(drawer.get_by_role("link", name="Open its page")).to_have_attribute(
        "href", "https://example.org/vae"
    )
    user.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    user.page.get_by_role("searchbox", name="Search", exact=True).fill("tag:pastel")
    user.page.keyboard.press("Enter")
    has_titles(user.page, "Soft colours")
    user.page.locator("button.star").click()
    expect(user.page.locator("button.star")).to_have_attribute("aria-pressed", "true")


def test_the_trash_gives_back_what_it_took(user: StudioPage) -> None:
    drawer = open_card(user, STYLE)
    drawer.get_by_role("button", name="Move to trash").click()
    drawer.get_by_role("button", name="Move it to the trash").click()
    expect(drawer).to_have_count(0)
    expect(cards(user.page)).to_have_count(2)
    user.sees("Moved to the trash")
    user.button("Undo")
    expect(cards(user.page)).to_have_count(3)
    expect(user.page.get_by_text("Moved to the trash")).to_have_count(0)
    drawer = open_card(user, STYLE)
    drawer.get_by_role("button", name="Move to trash").click()
    drawer.get_by_role("button", name="Move it to the trash").click()
    user.button("Dismiss")
    user.page.reload()
    user.page.get_by_text("Trash: 1 model").click()
    user.button("Restore")
    expect(cards(user.page)).to_have_count(3)


def test_a_taken_name_is_asked_and_both_are_kept(user: StudioPage, tmp_path: Path) -> None:
    other = tmp_path / f"{VAE}.safetensors"
    shapes = tiny_models.vae(tiny_models.TINY)
    tiny_models.save(other, tiny_models.weights(shapes, 77), {"modelspec.author": "another"})
    user.upload(other)
    user.sees("These names are taken")
    expect(user.page.locator("li.upload", has_text=f"{VAE}-2")).to_have_count(0)
    user.page.get_by_role("radio", name="Keep both").click()
    expect(user.page.get_by_role("textbox", name="Another name")).to_have_value(
        f"{VAE}-2.safetensors"
    )
    user.button("Continue")
    row = user.page.locator("li.upload", has_text=f"{VAE}-2")
    expect(row.locator(".stage").first).to_have_text("done")
    expect(user.page.locator("button.open", has_text=f"{VAE}-2")).to_be_visible()
    user.button("Clear finished uploads")
    expect(user.page.locator("li.upload")).to_have_count(0)


TAGS = b'long_hair,0,4350743,"longhair"\nlong_skirt,0,900,\nsaber_(fate),4,52000,artoria\n'


def test_a_prompt_is_written_with_names_tags_and_weights(user: StudioPage) -> None:
    """From an admin's tag list to a prompt that outlives a reload; the page's policy forbids
    nothing of it."""
    page, refused = user.page, list[str]()
    page.on("console", lambda said: refused.append(said.text) if "Policy" in said.text else None)
    user.open("/setup")
    file = {"name": "tags.csv", "mimeType": "text/csv", "buffer": TAGS}
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(file)  # type: ignore[arg-type]
    user.button("Import")
    user.sees("3 tags, imported by")
    user.go("Generate")
    prompt = page.get_by_role("textbox", name="Prompt", exact=True)
    page.locator(".prompt-editor").first.wait_for()
    prompt.fill("")
    offers = page.get_by_role("listbox")
    for typed, first, result in (
        ("artor", "artoria → saber_(fate)", "saber \\(fate\\), "),
        ("girl with long h", "long_hair", "saber \\(fate\\), girl with long h"),
    ):
        page.keyboard.type(typed)
        expect(offers.get_by_role("option").first).to_contain_text(first)
        page.wait_for_timeout(100)  # CodeMirror takes no key in the moment in which a list opens
        page.keyboard.press("Tab" if first.startswith("artoria") else "Escape")
        user.prompt_is(result.strip())
    page.keyboard.press("Control+ArrowUp")
    user.prompt_is("saber \\(fate\\), girl with long (h:1.1)")
    page.keyboard.press("Control+z")
    page.keyboard.press("End")
    page.keyboard.type(" <lora:tiny")
    expect(offers.get_by_role("option").first).to_contain_text(STYLE)
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="noisy").click()
    words = "saber \\(fate\\), girl with long h <lora:tiny-style-lora:1>, noisy"
    user.prompt_is(words)
    expect(page.locator(".prompt-tokens").first).to_have_text(re.compile(r"^\d+/75$"))
    page.reload()
    page.locator(".prompt-editor").first.wait_for()
    user.prompt_is(words)
    assert refused == []
