"""The S3 application alone on a port, for tests.

Prints its port and how many files it swept, ends with its standard input, and prints its peak
memory in MiB.
"""

import argparse
import resource
import sys
import threading
import time
from pathlib import Path

from werkzeug.serving import make_server

from local_aws.s3 import ObjectStore, S3App, S3RequestHandler


def peak_mib() -> int:
    """Linux counts the parent's memory into a child's ru_maxrss, so ask the kernel elsewhere."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20  # bytes on macOS
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) >> 10


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--access-key", default="local")
    parser.add_argument("--secret-key", default="secret")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    store = ObjectStore(options.data, time.time)
    swept = store.sweep()
    app = S3App(store, options.access_key, options.secret_key)
    server = make_server(
        "127.0.0.1", options.port, app, threaded=True, request_handler=S3RequestHandler
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.port, swept, flush=True)
    sys.stdin.read()
    server.shutdown()
    print(peak_mib(), flush=True)


if __name__ == "__main__":
    main()
