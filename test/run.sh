#!/bin/sh
# All tests, on a bare machine too: installs what they need, says what it installs, and ends with "N passed, N failed".
set -eu
cd "$(dirname "$0")/.."
sh lab/prepare.sh node engine image-tools test-tools
npx tsc -p .
npx biome check --error-on-warnings
mkdir -p .bench
status=0
npx vitest run --reporter=default --reporter=json --outputFile.json=.bench/tests.json "$@" || status=$?
npx node test/count.ts .bench/tests.json
exit $status
