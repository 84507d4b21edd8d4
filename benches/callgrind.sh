#!/bin/sh
# Counts the instructions of a poll and of decoding, and compares them with benches/callgrind.json.
#   benches/callgrind.sh             prints them
#   benches/callgrind.sh --check     fails if one has grown by more than 5 %
#   benches/callgrind.sh --record    records them
set -eu
cd "$(dirname "$0")/.."
if ! command -v valgrind >/dev/null; then
    echo "SKIPPED: valgrind is not installed, so no instructions were counted" >&2
    exit 0
fi
exec cargo bench --quiet --bench callgrind -- "$@"
