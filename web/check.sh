#!/usr/bin/env bash
# Types, tests, and whether the committed page is what its source builds to.
set -euo pipefail
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

node_modules/.bin/tsc --project .

node_modules/.bin/esbuild test/*.test.ts --bundle --platform=node --format=esm \
    --out-extension:.js=.mjs --log-level=warning --outdir="$scratch/test"
node --test "$scratch/test/"

./build.sh "$scratch/assets"
for file in page.js page.css; do
    cmp -s "$scratch/assets/$file" "../src/adjoint/_explain/assets/$file" || {
        echo "src/adjoint/_explain/assets/$file is not what web/ builds to." \
            'Run make web, and commit what it writes.' >&2
        exit 1
    }
done
echo 'The committed page is what its source builds to.'
