"""The line above the button: what a grid will take, before the click."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.errors import AwsError, ContrappostoError
from core.jobs.grids.scripts import ScriptSpec, plan_script
from core.jobs.preparing.draft import Draft
from core.poses.catalogue import PoseEntry
from core.prompts.service import Expansion, PromptPair
from formats.openpose.skeleton import Skeleton
from ui.errors import problems_of
from ui.form.filling.drafts import draft_of
from ui.form.state import Form
from ui.state import studio, user
from ui.texts import costs, formatting
from ui.texts.form import form as texts


def estimate_line(
    form: Form, spec: ScriptSpec, poses: Mapping[str, PoseEntry], *, with_units: bool
) -> None:
    """How many jobs, how long and for how much; else what is wrong with the script."""

    def known(ids: Sequence[str]) -> list[tuple[str, Skeleton]]:
        return [(poses[one].name, poses[one].skeleton) for one in ids if one in poses]

    def expand(draft: Draft, every: bool, count: int) -> Sequence[Expansion]:
        # What they say makes no difference to the price, and choosing 400 of them takes a while.
        most = studio().prompts.combinations(user(), draft) if every else count
        return [Expansion(PromptPair("", ""))] * min(count, most)

    try:
        plan = plan_script(draft_of(form, with_units=with_units), spec, known, lambda: 0, expand)
        estimate = studio().estimates.of(user(), [cell.draft for cell in plan.cells])
    except AwsError:  # the page says itself that AWS is silent
        return
    except ContrappostoError as error:
        message = " ".join(problem.message for problem in problems_of(error))
        st.caption(f":material/info: {formatting.escape(message)}")
        return
    duration = formatting.duration(estimate.seconds) if estimate.seconds else ""
    price = costs.dollars(estimate.dollars) if estimate.dollars is not None else ""
    line = texts.grid_estimate(estimate.jobs, estimate.images, duration, price)
    st.caption(f":material/grid_on: {formatting.escape(line)}")
