"""The container's command line: `python -m sagemaker_container serve`."""

import argparse
import sys
from collections.abc import Sequence

from formats.version import VERSION


def main(arguments: Sequence[str]) -> int:
    """Run one command; SageMaker starts the image with `serve`. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="sagemaker_container", description=__doc__)
    parser.add_argument("--version", action="version", version=f"contrapposto {VERSION}")
    parser.add_argument("command", choices=["serve"], help="serve: answer /ping and /invocations")
    parser.parse_args(arguments)
    # Imported late, because the worker process imports this module too, without the server.
    from sagemaker_container.server.serve import serve  # noqa: PLC0415

    return serve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
