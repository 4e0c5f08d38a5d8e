"""A mask editor on an image of 256 x 192 pixels."""

import pytest
from playwright.sync_api import Page

from tests.ui.components.mask_editor.mask_page import MaskPage


@pytest.fixture
def editor(empty_page: Page) -> MaskPage:
    """Nothing is painted yet."""
    page = MaskPage(empty_page)
    page.say()
    return page
