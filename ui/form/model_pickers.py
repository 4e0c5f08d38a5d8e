"""The pickers of model files: checkpoints, VAE, LoRAs with weights, ControlNet."""

from pathlib import PurePath

import streamlit as st

from core.models.service import ModelFile
from formats.limits import MAX_LORA_WEIGHT, MAX_LORAS
from formats.models.kinds import Family, ModelKind
from ui.errors import show_at
from ui.form.state import Form
from ui.form.values import OWN_VAE
from ui.state import studio, user
from ui.texts.formatting import escape


def checkpoint_picker(form: Form) -> None:
    """Checkpoints; each that is chosen makes a job of its own."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{form.name}-checkpoints"):
        box = st.container()
        refresh = st.button(
            "Refresh the models",
            icon=":material/refresh:",
            key=form.key("models.again"),
            help="Read the model lists from S3 again",
        )
    if refresh:
        studio().models.list(user(), refresh=True)
    files = _files(ModelKind.CHECKPOINT)
    form.limit("checkpoints", list(files))
    _offer_first(form, list(files))
    with box:
        st.multiselect(
            "Checkpoint",
            list(files),
            key=form.key("checkpoints"),
            placeholder="Choose a checkpoint" if files else "No checkpoint in S3 yet",
            help="Several make one job each, with everything else the same.",
            format_func=lambda name: _label(files.get(name), name),
        )
    if not files:
        st.page_link("../pages/models.py", label="Upload a checkpoint", icon=":material/upload:")
    _about(files, form.get("checkpoints"))
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
        "LoRA",
        list(loras),
        key=form.key("loras"),
        max_selections=MAX_LORAS,
        placeholder="None" if loras else "No LoRA in S3 yet",
        help="Applied together. A <lora:name:weight> in the prompt wins over its weight here.",
        format_func=lambda name: _label(loras.get(name), name),
    )
    for name in form.get("loras"):
        st.session_state.setdefault(form.lora_key(name), 1.0)
        st.slider(
            f"Weight of {escape(name)}",
            -MAX_LORA_WEIGHT,
            MAX_LORA_WEIGHT,
            step=0.05,
            key=form.lora_key(name),
        )
    _about(loras, form.get("loras"))
    show_at(form.problems, "loras")


def _vae_picker(form: Form) -> None:
    vaes = _files(ModelKind.VAE)
    form.limit("vae", [OWN_VAE, *vaes])
    st.selectbox(
        "VAE",
        [OWN_VAE, *vaes],
        key=form.key("vae"),
        format_func=lambda name: _label(vaes.get(name), name) if name else "The checkpoint's own",
    )
    show_at(form.problems, "vae")


def _embeddings() -> None:
    """The embeddings need no picker: a prompt names them."""
    names = ", ".join(PurePath(name).stem for name in _files(ModelKind.EMBEDDING))
    if names:
        st.caption(f"Embeddings, used where a prompt names them: {escape(names)}.")


def controlnet_picker(form: Form, index: int) -> None:
    """The ControlNet model of a unit."""
    files = _files(ModelKind.CONTROLNET)
    key = form.unit_key(index, "model")
    if st.session_state.get(key) not in files:
        st.session_state[key] = next(iter(files), None)
    st.selectbox(
        "ControlNet model",
        list(files),
        key=key,
        placeholder="No ControlNet in S3 yet",
        format_func=lambda name: _label(files.get(name), name),
    )
    if not files:
        st.page_link("../pages/models.py", label="Upload a ControlNet", icon=":material/upload:")


def _about(files: dict[str, ModelFile], names: list[str]) -> None:
    """What the makers of these files say of them: what they are for, the words to use."""
    for name in names:
        if name in files and files[name].description:
            st.caption(f"{escape(_label(None, name))}: {escape(files[name].description)}")


def _files(kind: ModelKind) -> dict[str, ModelFile]:
    return {file.name: file for file in studio().models.of_kind(user(), kind)}


def _label(file: ModelFile | None, name: str) -> str:
    short = name.removesuffix(".safetensors")
    if file is None or file.family is Family.UNKNOWN:
        return short
    return f"{short} · {file.family}"
