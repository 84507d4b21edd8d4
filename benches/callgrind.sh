#!/bin/sh
# Counts the instructions of a poll and of decoding, beside those recorded in benches/callgrind.json.
#   benches/callgrind.sh             prints them
#   benches/callgrind.sh --check     fails where one has grown by more than a twentieth
#   benches/callgrind.sh --record    records them
set -eu
cd "$(dirname "$0")/.."
if ! command -v valgrind >/dev/null; then
    echo "SKIPPED: valgrind is not installed, so that no instruction was counted" >&2
    exit 0
fi
exec cargo bench --quiet --bench callgrind -- "$@"
