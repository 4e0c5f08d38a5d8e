"""The prompts of before: which are kept, and in which order."""

from ui.form.prompt.recent import MOST_CHARACTERS, MOST_RECENT, RecentPrompts


def test_the_newest_is_first_and_each_is_there_once() -> None:
    recent = RecentPrompts()
    for prompt in ("a", "b", "a", " ", ""):
        recent = recent.with_used(prompt, "bad")
    assert recent.of("prompt") == ["a", "b"]
    assert recent.of("negative_prompt") == ["bad"]


def test_the_oldest_go() -> None:
    recent = RecentPrompts()
    for number in range(MOST_RECENT + 5):
        recent = recent.with_used(str(number), "")
    assert recent.of("prompt") == [str(54 - number) for number in range(MOST_RECENT)]
    recent = recent.with_used("x" * (MOST_CHARACTERS - 3), "")
    assert recent.of("prompt")[1:] == ["54"]


def test_one_that_is_too_long_for_the_list_hides_no_other() -> None:
    recent = RecentPrompts(prompt=("a", "b"))
    assert recent.with_used("x" * (MOST_CHARACTERS + 1), "").of("prompt") == ["a", "b"]
