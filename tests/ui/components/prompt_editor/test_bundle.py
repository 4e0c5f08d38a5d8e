"""The vendored CodeMirror is what the pinned packages make."""

import json
import re

from tests.support.helpers import ROOT
from tests.ui.components.prompt_editor.conftest import EDITOR

BUILD = ROOT / "scripts" / "prompt_editor"
BUNDLE = EDITOR / "vendor" / "codemirror-6.js"


def test_the_bundle_names_the_pinned_versions_and_its_licence() -> None:
    pinned = json.loads((BUILD / "package.json").read_text())["dependencies"]
    locked = json.loads((BUILD / "package-lock.json").read_text())["packages"]
    head, _, _ = BUNDLE.read_text("utf-8").partition("*/")
    assert dict(re.findall(r"(@codemirror/\w+)@([\d.]+)", head)) == pinned
    assert {name: locked[f"node_modules/{name}"]["version"] for name in pinned} == pinned
    assert "@license MIT" in head
    assert "CodeMirror 6" in (ROOT / "NOTICE").read_text()


def test_the_bundle_has_what_the_editor_imports() -> None:
    exports = re.findall(r"export \{([^}]+)\}", (BUILD / "codemirror.js").read_text())
    made = {name.strip() for names in exports for name in names.split(",")}
    sources = [file.read_text() for file in EDITOR.rglob("*.js") if file != BUNDLE]
    imports = re.findall(r"import \{([^}]+)\} from \"[./]+/vendor/", "\n".join(sources))
    used = {name.strip() for names in imports for name in names.split(",") if name.strip()}
    assert used == made
