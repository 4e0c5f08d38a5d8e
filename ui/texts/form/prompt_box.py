"""What the prompt box says. `{name}`, `{near}` and `{number}` are filled in by its script."""

from typing import Any, Final

TEXTS: Final[dict[str, Any]] = {
    "tokensHelp": "Tokens that the text encoder reads, in chunks of 75. A dashed line in the text "
    "shows where a chunk begins.",
    "chunk": "Chunk {number} of 75 tokens begins here.",
    "recent": "Recent",
    "recentHelp": "The prompts you generated with. Alt+Up and Alt+Down step through them.",
    "near": "Did you mean “{name}”?",
    "kinds": {
        "weight": "",
        "schedule": "Changes over the steps.",
        "keyword": "",
        "lora": "LoRA",
        "embedding": "Embedding",
        "wildcard": "Wildcard",
        "dynamic": "",
        "style": "Style",
        "tag": "Tag",
    },
    "said": {
        "unbalanced": "This bracket has no partner. Put a backslash before it to draw it as text.",
        "tornTag": "This tag is not closed: write <lora:name:weight>.",
        "noLora": "Only <lora:name:weight> is a tag.",
        "unknownLora": "There is no LoRA “{name}”.",
        "unknownEmbedding": "There is no embedding “{name}”.",
        "unknownWildcard": "There is no wildcard “{name}”.",
    },
}
