"""The `contrapposto` command, which is `python -m cli` too: the studio without its pages."""
