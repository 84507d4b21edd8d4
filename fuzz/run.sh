#!/bin/sh
# Fuzzes every target for SECONDS each (default 10), and fails if one finds something.
#   fuzz/run.sh [SECONDS]
# It needs a nightly compiler and cargo-fuzz. If one is missing, fuzzing is left out with a message. With CI set, cargo-fuzz
# is installed, and a missing compiler is a failure.
set -eu
# Warnings of another compiler do not count here.
unset RUSTFLAGS
cd "$(dirname "$0")/.."
seconds=${1:-10}

if ! cargo +nightly --version >/dev/null 2>&1; then
    echo "!!! FUZZING IS LEFT OUT: there is no nightly compiler (rustup toolchain install nightly)" >&2
    [ -z "${CI:-}" ]
    exit
fi
if ! cargo fuzz --version >/dev/null 2>&1; then
    if [ -z "${CI:-}" ]; then
        echo "!!! FUZZING IS LEFT OUT: there is no cargo-fuzz (cargo install cargo-fuzz)" >&2
        exit 0
    fi
    cargo install cargo-fuzz --locked
fi

fuzz/seeds.sh
mkdir -p fuzz/artifacts
# The fuzzed code has no unsafe code, so the sanitizer would only slow it down.
cargo +nightly fuzz build --sanitizer none
total=0
for target in $(cargo +nightly fuzz list); do
    log=fuzz/artifacts/$target.log
    if ! cargo +nightly fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=1024 -max_len=16384 -print_final_stats=1 >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        echo "fuzz: $target found something; see fuzz/artifacts/$target" >&2
        exit 1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    total=$((total + ${runs:-0}))
    echo "fuzz: $target: ${runs:-?} executions in $seconds s"
done
echo "fuzz: $total executions, nothing found"
