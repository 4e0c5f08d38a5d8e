"""The words a user reads."""

from typing import Any

import pytest

from core.ids import created_at, new_id
from core.jobs.records import Job, JobState
from formats.generation.parameters import Mode
from formats.generation.progress import Stage
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


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"state": JobState.QUEUED}, "waiting for the endpoint"),
        ({}, "starting"),
        ({"stage": Stage.FETCHING.value}, "fetching models"),
        (
            {"stage": Stage.FETCHING.value, "bytes_done": 12_000_000, "bytes_total": 2_130_000_000},
            "fetching models, 12 MB of 2.1 GB",
        ),
        ({"stage": Stage.DRAWING.value, "step": 7, "steps": 20}, "drawing, step 7 of 20"),
        ({"cancelling": True}, "stopping"),
    ],
)
def test_what_an_open_job_is_busy_with(changes: dict[str, Any], text: str) -> None:
    job_id = new_id()
    job = Job(
        id=job_id,
        owner="local",
        endpoint="demo",
        created_at=created_at(job_id),
        updated_at=created_at(job_id),
        mode=Mode.TXT2IMG,
        checkpoint="dog.safetensors",
        prompt="a dog",
        **{"state": JobState.RUNNING, **changes},
    )
    assert formatting.progress_text(job) == text
