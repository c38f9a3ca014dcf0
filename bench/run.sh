#!/bin/sh
# All benchmarks from a fresh checkout: installs what is missing, then runs on the Node of the development dependencies.
set -eu
cd "$(dirname "$0")/.."
[ -x node_modules/.bin/node ] || npm ci --no-audit --no-fund --loglevel=error
PATH="$PWD/node_modules/.bin:$PATH" exec node bench/run.ts "$@"
