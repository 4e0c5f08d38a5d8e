"""The container's log: one line of `key=value` pairs per event, on stderr."""

import logging
import sys
import time


def configure(level: str, process: str) -> None:
    """Send this process's log to stderr, from where SageMaker collects it."""
    form = f"at=%(asctime)s.%(msecs)03dZ level=%(levelname)s process={process} %(message)s"
    formatter = logging.Formatter(form, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("sagemaker_container").setLevel(level)
