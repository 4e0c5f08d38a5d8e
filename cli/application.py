"""Owns the command line: which commands there are, and how a run of one ends."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from cli import deploy, doctor, texts, transfer, upload
from core.errors import ContrappostoError
from formats.version import VERSION

app = typer.Typer(
    help=texts.APPLICATION,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(help=texts.DOCTOR)(doctor.doctor)
app.command(help=texts.UPLOAD)(upload.upload)
app.command("export", help=texts.EXPORT)(transfer.export)
app.command("import", help=texts.IMPORT)(transfer.import_)
app.add_typer(deploy.app, name="deploy", help=texts.DEPLOY)


@app.command(help=texts.VERSION)
def version() -> None:
    """Print the version."""
    typer.echo(VERSION)


def _version_option(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", help=texts.VERSION, callback=_version_option, is_eager=True),
    ] = False,
) -> None:
    """What comes before the command."""


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit status: 0 where it did what was asked, 2 for a wrong call, else 1.

    What went wrong stands in one line on stderr.
    """
    try:
        app(list(arguments), prog_name="contrapposto")
    except ContrappostoError as error:
        typer.echo(texts.failed(str(error)), err=True)
        return 1
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def main() -> None:
    """The installed command."""
    sys.exit(run(sys.argv[1:]))
