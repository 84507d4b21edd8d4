#!/bin/sh
# Compares the public API of the library with api.txt, so that it does not change by accident.
#   scripts/api.sh           fails if it differs
#   scripts/api.sh --write   writes it again
# It needs a nightly compiler and cargo-public-api. If one is missing, the check is left out with a message. With CI set,
# cargo-public-api is installed, and a missing compiler is a failure.
set -eu
# Warnings of another compiler do not count here.
unset RUSTFLAGS
cd "$(dirname "$0")/.."
if ! cargo +nightly --version >/dev/null 2>&1; then
    echo "!!! LEFT OUT: THE PUBLIC API: there is no nightly compiler (rustup toolchain install nightly)" >&2
    [ -z "${CI:-}" ]
    exit
fi
if ! cargo public-api --version >/dev/null 2>&1; then
    if [ -z "${CI:-}" ]; then
        echo "!!! LEFT OUT: THE PUBLIC API: there is no cargo-public-api (cargo install cargo-public-api)" >&2
        exit 0
    fi
    cargo install cargo-public-api --locked
fi
now=$(mktemp)
trap 'rm -f "$now"' EXIT
# Without the traits that the compiler implements for every type.
cargo +nightly public-api --all-features -sss >"$now" 2>"$now.log" || { cat "$now.log" >&2; exit 1; }
rm -f "$now.log"
if [ "${1:-}" = --write ]; then
    cp "$now" api.txt
    echo "api: $(wc -l <api.txt) lines written"
elif diff -u api.txt "$now"; then
    echo "api: the same as api.txt, $(wc -l <api.txt) lines"
else
    echo "api: it differs from api.txt; if that is intended, run scripts/api.sh --write" >&2
    exit 1
fi
