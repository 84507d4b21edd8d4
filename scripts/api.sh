#!/bin/sh
# Compares the public face of the library with api.txt, so that no change of it is an accident.
#   scripts/api.sh           fails if it differs
#   scripts/api.sh --write   writes it anew
# It needs a nightly compiler and cargo-public-api. Where one is missing it says so and is left out, unless CI is set:
# then cargo-public-api is installed, and a missing compiler is a failure.
set -eu
# What is a warning to another compiler or another version is not what is asked here.
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
# Without what every type has by the compiler's own doing.
cargo +nightly public-api --all-features -sss >"$now" 2>"$now.log" || { cat "$now.log" >&2; exit 1; }
rm -f "$now.log"
if [ "${1:-}" = --write ]; then
    cp "$now" api.txt
    echo "api: $(wc -l <api.txt) lines written"
elif diff -u api.txt "$now"; then
    echo "api: as in api.txt, $(wc -l <api.txt) lines"
else
    echo "api: it is not what api.txt says; if that is meant: scripts/api.sh --write" >&2
    exit 1
fi
