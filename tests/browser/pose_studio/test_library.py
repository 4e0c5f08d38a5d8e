"""The pose library in the browser: presets, and two who save the same pose."""

import pytest
from playwright.sync_api import expect

from formats.openpose.pose_map import draw
from poses.canvas import fit_to_canvas
from poses.preset_poses import presets
from tests.browser.conftest import NewPage
from tests.browser.pose_studio.pose_studio_page import SIDE, PoseStudio, shows

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_pose_comes_from_the_library(studio: PoseStudio) -> None:
    one = next(preset for preset in presets() if preset.id == "arabesque")
    studio.button("Pose library")
    studio.page.locator(f"button.pose[title='{one.name}']").click()
    studio.button("Load")
    shows(studio, draw(fit_to_canvas(one.skeleton, SIDE, SIDE)))


def test_two_who_save_the_same_pose_and_the_second_is_told(
    studio: PoseStudio, new_page: NewPage, url: str
) -> None:
    save(studio, "Shared", "Save as new")
    other = PoseStudio(new_page(), url)
    other.open_studio()
    other.button("Pose library")
    other.page.get_by_text("Team", exact=True).click()
    other.page.locator("button.pose[title='Shared']").click()
    other.button("Load")
    expect(other.page.get_by_role("dialog")).to_have_count(0)
    save(other, "Theirs", "Save changes")
    other.sees("Saved as “Theirs”")
    save(studio, "Mine", "Save changes")
    studio.sees("was changed meanwhile")
    save(studio, "Mine", "Save as new")
    studio.sees("Saved as “Mine”")


def save(user: PoseStudio, name: str, button: str) -> None:
    user.button("Add to library")
    user.box("Name of the pose", name)
    user.page.get_by_role("textbox", name="Name of the pose").press("Tab")
    user.button(button)
    user.page.keyboard.press("Escape")
