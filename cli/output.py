"""Writes what programs read, and what people watch while they wait."""

import json
from typing import Any, Final

import typer

from cli import texts

json_option: Final = typer.Option("--json", help=texts.JSON)
yes_option: Final = typer.Option("--yes", "-y", help=texts.YES)


def write_json(value: Any) -> None:
    """One JSON document on stdout."""
    typer.echo(json.dumps(value, indent=2))
