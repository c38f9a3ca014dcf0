#!/bin/sh
# Everything that is tested, from a fresh checkout: installs what is missing, then runs the checks and all tests.
set -eu
cd "$(dirname "$0")/.."
npm ci --no-audit --no-fund --loglevel=error
PATH="$PWD/node_modules/.bin:$PATH" exec node test/run.ts "$@"
