"""What a user does in the browser, in the words on the page."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


class StudioPage:
    """The dashboard in one browser session."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def open(self, path: str = "/") -> None:
        """Type an address."""
        self.page.goto(self._url + path)

    def go(self, name: str) -> None:
        """Click a page in the navigation."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def button(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def field(self, name: str) -> Locator:
        """A text box; of a prompt the editor, once it stands in for the area."""
        if name in {"Prompt", "Negative prompt"}:
            self.page.locator(f".prompt-editor [aria-label='{name}']").wait_for()
        return self.page.get_by_role("textbox", name=name, exact=True)

    def box(self, name: str, text: str) -> None:
        """Fill a text box. The prompt editor, where it is just beginning, may miss that the page
        selected its text, and has both then: its own key selects it."""
        box = self.field(name)
        box.fill(text)
        is_editor = box.evaluate("box => box.isContentEditable")
        if is_editor and box.inner_text().split() != text.split():
            box.press("ControlOrMeta+a")
            self.page.keyboard.insert_text(text)

    def prompt_is(self, text: str) -> None:
        """The prompt box shows this, or will; the editor's text is no value of a field."""
        box = self.page.get_by_role("textbox", name="Prompt", exact=True)
        expect(box).to_have_text(text)

    def number(self, name: str, value: int) -> None:
        """Fill a number field and leave it."""
        field = self.page.get_by_role("spinbutton", name=name, exact=True)
        field.fill(str(value))
        field.press("Tab")

    def is_in_service(self, seconds: float = 180) -> None:
        """Wait until the state of an endpoint is InService; sentences name it before."""
        state = self.page.get_by_text("InService", exact=True).first
        expect(state).to_be_visible(timeout=seconds * 1000)

    def sees(self, text: str, seconds: float = 60) -> None:
        """The text is on the page, or comes."""
        place = self.page.get_by_test_id("stMain").get_by_text(text).first
        expect(place).to_be_visible(timeout=seconds * 1000)

    def upload(self, *files: Path) -> None:
        """Give paths and press Upload; its name ends with the shortcut."""
        self.box("Paths of model files", "\n".join(map(str, files)))
        self.page.get_by_test_id("stBaseButton-primary").filter(has_text="Upload").click()

    def upload_models(self, files: Sequence[Path]) -> None:
        """Upload by path and wait until all are listed."""
        self.go("Models")
        self.upload(*files)
        for file in files:
            row = self.page.locator("li.upload", has_text=file.name)
            expect(row.locator(".stage").first).to_have_text("done", timeout=120_000)

    def small(self, side: int = 64, steps: int = 3) -> None:
        """A picture that the CPU draws in a moment."""
        self.number("Steps", steps)
        self.number("Width", side)
        self.number("Height", side)

    def generate(self, prompt: str) -> None:
        """Write the prompt and press Ctrl+Enter."""
        self.box("Prompt", prompt)
        self.page.keyboard.press("Control+Enter")

    def sends(self, prompt: str) -> None:
        """Generate, and wait no longer than until the job is on the page."""
        head = self.page.get_by_text("→").first
        before = head.inner_text() if head.is_visible() else ""
        self.generate(prompt)
        expect(head).to_be_visible()
        expect(head).not_to_have_text(before)

    def finished(self, seconds: float = 180) -> str:
        """Wait for the newest job's picture. Returns the job's id."""
        save = self.page.get_by_role("button", name="Save")
        expect(save).to_be_visible(timeout=seconds * 1000)
        picture = self.page.locator(".viewer .frame img").first
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
        return self.shown_job()

    def shown_job(self) -> str:
        """The id of the job that is shown large."""
        head = self.page.get_by_text("→").and_(self.page.locator("p")).first
        return str(head.inner_text().split("→ ")[1][:26])
