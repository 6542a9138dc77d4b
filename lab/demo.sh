#!/bin/sh
# The main job on the practice lab, from a bare clone: installs what it needs, starts the lab, provisions it, verifies it,
# shows what came of it. A second run finds the lab as it should be and changes nothing.
set -eu
cd "$(dirname "$0")/.."
sh lab/prepare.sh node engine image-tools
npx bench lab up mock
npx bench provision inventory/mock.ini "$@"
