#!/bin/sh
# Says in words what this machine lacks, before minutes are spent on the set-up.
set -eu
python=${1:-}
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed. Install it, or say 'make PYTHON=/path/to/python3.12'." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$python can't make virtual environments. On Debian or Ubuntu: apt install python3-venv" >&2
    exit 1
fi
"$python" - <<'PY'
import os, shutil, sys
free = shutil.disk_usage(".").free / 1e9
if free < 4:
    sys.exit(f"{free:.1f} GB of disk are free and the set-up takes about 3. Make room first.")
pages, size = (os.sysconf(name) for name in ("SC_PHYS_PAGES", "SC_PAGE_SIZE"))
if pages * size < 3e9:
    print(f"This machine has {pages * size / 1e9:.1f} GB of memory; 4 are advised.")
PY
