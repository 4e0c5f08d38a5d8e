#!/bin/sh
# Makes sure of a Chromium for the browser tests: the system's, else apt's when root, else
# playwright's own. tests/browser/chromium.py looks in the same places.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests ..."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null && exit 0
fi
echo "Fetching playwright's Chromium for the browser tests ..."
exec .venv/bin/playwright install chromium
