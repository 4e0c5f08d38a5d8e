#!/bin/sh
# Bundles CodeMirror for the prompt editor from the pinned packages; needs Node 20 and npm.
# The result is the same bytes each time, so that a change of it is a change of a version.
set -eu
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
versions=$(node -p 'Object.entries(require("./package.json").dependencies).map((each) => each.join("@")).join(" ")')
node_modules/.bin/esbuild codemirror.js --bundle --minify --format=esm --target=es2022 \
  --legal-comments=none --log-level=warning \
  --banner:js="/*!
 * CodeMirror 6 (https://codemirror.net): $versions
 * (c) Marijn Haverbeke and others
 * @license MIT
 */" \
  --outfile=../../ui/components/form/prompt_editor/vendor/codemirror-6.js
rm -rf node_modules
