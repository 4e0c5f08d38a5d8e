"""The pickers of model files: checkpoints, VAE, LoRAs with weights, ControlNet."""

from functools import partial
from pathlib import PurePath

import streamlit as st

from core.models.files import ModelFile
from formats.limits import MAX_LORA_WEIGHT, MAX_LORAS
from formats.models.kinds import ModelKind
from ui.errors import show_at, show_old
from ui.form.models.advice import about_models, settings_advice
from ui.form.models.titles import picker_labels, short_name, title_of
from ui.form.state import Form
from ui.form.values import OWN_VAE
from ui.state import studio, user
from ui.texts.form import form as texts
from ui.texts.formatting import escape


def checkpoint_picker(form: Form) -> None:
    """Checkpoints; each that is chosen makes a job of its own."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{form.name}-checkpoints"):
        box = st.container()
        refresh = st.button(
            texts.REFRESH_MODELS,
            icon=":material/refresh:",
            key=form.key("models.again"),
            help=texts.REFRESH_MODELS_HELP,
        )
    if refresh:
        studio().models.list(user(), refresh=True)
    files = _files(ModelKind.CHECKPOINT)
    form.limit("checkpoints", list(files))
    _offer_first(form, list(files))
    with box:
        st.multiselect(
            texts.CHECKPOINT,
            list(files),
            key=form.key("checkpoints"),
            placeholder=texts.CHECKPOINT_PLACEHOLDER if files else texts.NO_CHECKPOINT,
            help=texts.CHECKPOINT_HELP,
            format_func=partial(_label, picker_labels(files)),
        )
    if not files:
        st.page_link("../pages/models.py", label=texts.UPLOAD_CHECKPOINT, icon=":material/upload:")
    chosen = _chosen(files, form.get("checkpoints"))
    about_models(form, chosen)
    settings_advice(form, chosen)
    show_old(studio().models.listing_problem())
    show_at(form.problems, "checkpoints")


def _offer_first(form: Form, names: list[str]) -> None:
    """Choose the first checkpoint for somebody who comes with none chosen, once a session."""
    offered = form.key("checkpoints.offered")
    if names and not st.session_state.get(offered):
        st.session_state[offered] = True
        if not form.get("checkpoints"):
            st.session_state[form.key("checkpoints")] = names[:1]


def extras_pickers(form: Form) -> None:
    """LoRAs with their weights, the embeddings, and the VAE."""
    _lora_picker(form)
    _embeddings()
    _vae_picker(form)


def _lora_picker(form: Form) -> None:
    loras = _files(ModelKind.LORA)
    form.limit("loras", list(loras))
    st.multiselect(
        texts.LORA,
        list(loras),
        key=form.key("loras"),
        max_selections=MAX_LORAS,
        placeholder=texts.LORA_PLACEHOLDER if loras else texts.NO_LORA,
        help=texts.LORA_HELP,
        format_func=partial(_label, picker_labels(loras)),
    )
    for file in _chosen(loras, form.get("loras")):
        _lora_weight(form, file)
        about_models(form, [file])
    show_at(form.problems, "loras")


def _lora_weight(form: Form, file: ModelFile) -> None:
    """The slider, within the range that the LoRA is best used in."""
    known, key = file.known.fields, form.lora_key(file.name)
    value = st.session_state.get(key, 1.0 if known.weight is None else known.weight)
    st.session_state[key] = value  # another range is another widget, which has no value of its own
    lowest, highest = known.weight_min, known.weight_max
    is_known = lowest is not None and highest is not None and lowest < highest
    if lowest is None or highest is None or not is_known:
        lowest, highest = -MAX_LORA_WEIGHT, MAX_LORA_WEIGHT
    st.slider(
        texts.lora_weight(escape(title_of(file))),
        min(lowest, value),
        max(highest, value),
        step=0.05,
        key=key,
        help=texts.weight_range(lowest, highest) if is_known else None,
    )


def _vae_picker(form: Form) -> None:
    vaes = _files(ModelKind.VAE)
    labels = {OWN_VAE: texts.OWN_VAE, **picker_labels(vaes)}
    form.limit("vae", [OWN_VAE, *vaes])
    st.selectbox(
        texts.VAE,
        [OWN_VAE, *vaes],
        key=form.key("vae"),
        format_func=partial(_label, labels),
    )
    show_at(form.problems, "vae")


def _embeddings() -> None:
    """The embeddings need no picker: a prompt names them."""
    names = ", ".join(PurePath(name).stem for name in _files(ModelKind.EMBEDDING))
    if names:
        st.caption(texts.embeddings(escape(names)))


def controlnet_picker(form: Form, index: int) -> None:
    """The ControlNet model of a unit."""
    files = _files(ModelKind.CONTROLNET)
    key = form.unit_key(index, "model")
    if st.session_state.get(key) not in files:
        st.session_state[key] = next(iter(files), None)
    st.selectbox(
        texts.CONTROLNET,
        list(files),
        key=key,
        placeholder=texts.NO_CONTROLNET,
        format_func=partial(_label, picker_labels(files)),
    )
    if not files:
        st.page_link("../pages/models.py", label=texts.UPLOAD_CONTROLNET, icon=":material/upload:")


def _chosen(files: dict[str, ModelFile], names: list[str]) -> list[ModelFile]:
    return [files[name] for name in names if name in files]


def _files(kind: ModelKind) -> dict[str, ModelFile]:
    return {file.name: file for file in studio().models.of_kind(user(), kind)}


def _label(labels: dict[str, str], name: str) -> str:
    """A file that is gone has its name alone."""
    return labels.get(name, short_name(name))
