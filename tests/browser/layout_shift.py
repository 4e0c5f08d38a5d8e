"""Measures what moves on a page by itself while it loads: https://web.dev/articles/cls.

A shift's score is reported by the browser. CLS is the worst session window: shifts less than a
second apart, in at most 5 s; those just after an input don't count.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from playwright.sync_api import Page, expect

GAP_SECONDS: Final = 1.0
WINDOW_SECONDS: Final = 5.0
QUIET_SECONDS: Final = 1.5
"""How long nothing may move before a page counts as loaded."""

OBSERVE: Final = """
  window.layoutShifts = [];
  const named = (node) => {
    if (!node?.closest) return node?.parentElement ? named(node.parentElement) : "gone";
    const test = node.closest("[data-testid]")?.dataset.testid ?? "";
    const key = /st-key-[\\w-]+/.exec(node.closest("[class*=st-key-]")?.className ?? "") ?? "";
    return `${node.tagName.toLowerCase()} in ${test} ${key}`;
  };
  const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      layoutShifts.push([entry.startTime / 1000, entry.value, entry.sources.map((source) =>
        `${named(source.node)}: ${box(source.previousRect)} -> ${box(source.currentRect)}`)]);
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
_IS_QUIET: Final = """
  (seconds) => performance.now() / 1000 - (layoutShifts.at(-1)?.[0] ?? 0) > seconds
"""
_IS_IDLE: Final = """
  () => document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")
"""


class Shift(NamedTuple):
    """One reported shift: seconds since the page began, its score, what moved from where to where
    (x, y, width and height in CSS pixels)."""

    at: float
    score: float
    sources: list[str]


def watch(page: Page) -> None:
    """Note all shifts of the pages that this one opens from now on."""
    page.add_init_script(OBSERVE)


def settled(page: Page) -> list[Shift]:
    """Wait until the page has run and nothing moved for a while. Returns the shifts until then."""
    expect(page.get_by_test_id("stMainBlockContainer")).not_to_be_empty()
    page.wait_for_function(_IS_IDLE)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_IS_QUIET, arg=QUIET_SECONDS)
    return [Shift(*found) for found in page.evaluate("layoutShifts")]


def cumulative_layout_shift(shifts: Sequence[Shift]) -> float:
    """The sum of the worst session window; 0 where nothing moved."""
    worst = total = 0.0
    begun = last = -WINDOW_SECONDS
    for shift in shifts:
        if shift.at - last >= GAP_SECONDS or shift.at - begun >= WINDOW_SECONDS:
            total, begun = 0.0, shift.at
        total, last = total + shift.score, shift.at
        worst = max(worst, total)
    return worst
