"""Runs the command as a program."""

import sys

from cli.application import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
