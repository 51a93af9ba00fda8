#!/usr/bin/env bash
# Build the page into a folder: by default the package's, which is committed.
set -euo pipefail
cd "$(dirname "$0")"
to=${1:-../src/adjoint/_explain/assets}
node_modules/.bin/esbuild src/main.ts --bundle --minify --charset=ascii --format=iife \
    --target=es2022,chrome109,firefox115,safari16.4 --log-level=warning --outfile="$to/page.js"
node_modules/.bin/esbuild src/page.css --bundle --minify --charset=ascii \
    --target=chrome109,firefox115,safari16.4 --log-level=warning --outfile="$to/page.css"
