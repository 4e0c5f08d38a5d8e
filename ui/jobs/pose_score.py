"""Draws how well a job's pictures follow their pose, and by what that was measured."""

from typing import Final

import streamlit as st

from core.access import User
from core.jobs.records import Job, JobState
from core.jobs.scoring import JobPoseScore
from poses.scores.pose_score import PoseScore, ScoreMethod
from ui.state import studio, user

_NOT_SCORED: Final = (
    "Pose score: not scored. Nobody was recognised in the picture, and its ground is not plain "
    "enough to tell the figure from it."
)


def pose_score(job: Job, index: int) -> None:
    """The score of the picture that is shown, and the mean of several."""
    if job.state is not JobState.SUCCEEDED or not job.units:
        return
    scores = _scores(user().name, job)
    if scores is None or index >= len(scores.images):
        return
    text = sentence(scores.images[index])
    if len(scores.images) > 1 and scores.value is not None:
        text += f" All {len(scores.images)} pictures in the mean: {scores.value:.2f}."
    st.caption(text, help="1 is a picture that follows the pose exactly.")


def sentence(score: PoseScore) -> str:
    """`Pose score 0.87 by keypoints (OKS 0.87, PCK 0.92).`, or why there is none."""
    if score.value is None:
        return _NOT_SCORED
    if score.method is ScoreMethod.KEYPOINTS:
        measures = {"OKS": score.oks, "PCK": score.pck}
    else:
        measures = {"covered": score.cover, "inside": score.inside}
    parts = ", ".join(f"{name} {v:.2f}" for name, v in measures.items() if v is not None)
    return f"Pose score **{score.value:.2f}** by {score.method} ({parts})."


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs={Job: lambda job: job.id})
def _scores(name: str, job: Job) -> JobPoseScore | None:
    return studio().scores.of_job(User(name=name), job)
