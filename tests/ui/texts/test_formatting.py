"""The words a user reads."""

import pytest

from poses.scores.pose_score import PoseScore, ScoreMethod
from ui.texts import formatting


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (26_774, "27 KB"), (9_330_982, "9 MB"), (4_265_146_304, "4.3 GB")],
)
def test_sizes(count: int, text: str) -> None:
    assert formatting.file_size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert formatting.duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dog_v1", r"dog\_v1"),
        ("<b>*x*</b>", r"\<b\>\*x\*\</b\>"),
        ("a:red[b]", r"a\:red\[b\]"),
        ("12:30", r"12\:30"),
        ("&lt;", r"\&lt;"),
        ("    code", "code"),
        (":smile:", "\\:\N{WORD JOINER}smile\\:"),
        ("http://x", "http\\:\N{WORD JOINER}//x"),
        ("a@b", "a\N{WORD JOINER}@b"),
    ],
)
def test_names_are_shown_as_they_stand(name: str, text: str) -> None:
    assert formatting.escape(name) == text


@pytest.mark.parametrize(
    ("prompt", "line"), [("one\ntwo", "one"), ("  ", "(no prompt)"), ("\n a dog", "a dog")]
)
def test_a_prompt_in_one_line(prompt: str, line: str) -> None:
    assert formatting.headline(prompt) == line


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (
            PoseScore(value=0.9, method=ScoreMethod.KEYPOINTS, oks=0.9, pck=0.8),
            "Pose score **0.90** by keypoints (OKS 0.90, PCK 0.80).",
        ),
        (
            PoseScore(value=0.5, method=ScoreMethod.FIGURE_MASK, cover=0.4, inside=0.6),
            "Pose score **0.50** by figure mask (covered 0.40, inside 0.60).",
        ),
        (PoseScore(), "Pose score: not scored."),
    ],
)
def test_a_pose_score_names_its_method(score: PoseScore, text: str) -> None:
    assert formatting.pose_score(score).startswith(text)
