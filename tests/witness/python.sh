#!/bin/sh
# Python itself still derives what the tests compare with, and a JSON Schema validator agrees with ours.
set -eu
command -v python3 >/dev/null || exit 77
cd "$(dirname "$0")/../.." || exit 1
python3 tests/oracle/fiaas.py | cmp - tests/fixtures/oracle/fiaas.json
exec python3 tests/oracle/schema "$(command -v paas)"
