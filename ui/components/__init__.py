"""Small browser components; each is one .js and one .css file with a Python wrapper."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


@cache
def _asset(file: str) -> str:
    return (Path(__file__).parent / file).read_text(encoding="utf-8")


def mount(
    name: str, key: str, data: dict[str, Any], *, scripts: tuple[str, ...] = (), **options: Any
) -> Any:
    """Draw the component `name` (its `.js` and `.css` lie here). Returns its state.

    `scripts` names the files that are joined to its script, where one file is not enough.
    The script travels with each draw that brings new data, so most stay below a few kilobytes.
    """
    js = "\n".join(_asset(f"{script}.js") for script in scripts or (name,))
    component = st.components.v2.component(
        name, html="<div class='root'></div>", css=_asset(f"{name}.css"), js=js
    )
    return component(key=key, data=data, **options)
