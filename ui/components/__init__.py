"""Owns the components that run in the browser, and mounts them on a page.

Each folder is one of them: `index.js` is an ES module whose default export Streamlit calls with
every message, beside it lie the modules that it imports and `style.css`. `script_files` serves
the modules; the style travels with the message.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import streamlit as st

from ui.components.script_files import script_url

# Streamlit turns a script into a blob, which has no address that imports could start from.
# Where a message is followed by another before its script has come, Streamlit ends the first one's
# call once it has returned. What a component keeps for its place is the second one's by then, so
# that only the last call for a place can be ended.
_LOADER: Final = """\
const script = new URL("{url}", location.origin);
const last = new WeakMap();
export default async (message) => {{
  last.set(message.parentElement, message);
  const stop = (await import(script)).default(message);
  return () => {{ if (last.get(message.parentElement) === message) stop?.(); }};
}};
"""


_IMPORT: Final = re.compile(r'^@import\s"(.+)";$', re.MULTILINE)


def mount(name: str, key: str, data: dict[str, Any], **options: Any) -> Any:
    """The component of the folder `name`. Returns its state.

    `data` is what its script gets, of JSON types; `options` are those of a mounted
    `st.components.v2` component.
    """
    component = st.components.v2.component(
        name,
        html="<div class='root'></div>",
        css=_style(name),
        js=_LOADER.format(url=script_url(f"{name}/index.js")),
    )
    return component(key=key, data=data, **options)


def autosave_text(key: str, *boxes: str) -> None:
    """Hand over what is being typed into text boxes, so that a reload or a quick click loses none.

    Each box is named by its widget's key.
    """
    names = [box.replace(".", "-") for box in boxes]
    mount("form/text_autosave", key, {"keys": names}, height=0)


@cache
def _style(name: str) -> str:
    """The component's style, with those that it imports in their places: it has no address that a
    browser could fetch them from."""
    folder = Path(__file__).parent / name
    style = (folder / "style.css").read_text(encoding="utf-8")
    return _IMPORT.sub(lambda found: (folder / found[1]).read_text(encoding="utf-8"), style)
