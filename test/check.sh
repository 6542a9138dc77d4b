#!/bin/sh
# Types, lint, format, layers and unit tests.
set -eu
cd "$(dirname "$0")/.."
sh lab/prepare.sh node
npx tsc -p .
npx biome check --error-on-warnings
npx vitest run --project unit "$@"
