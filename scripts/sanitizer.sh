#!/usr/bin/env bash
# Runs the tests that use threads under ThreadSanitizer: waits and wait_all over real sockets, the client, the simulator.
#
# It needs a nightly compiler with rust-src, because the standard library is instrumented too. Where it cannot run it
# says so; with CI=true that is a failure. Without TLS: the C code of its crypto library is not instrumented.
set -euo pipefail
cd "$(dirname "$0")/.."

left_out() {
    echo "!!! LEFT OUT: THREAD SANITIZER: $1" >&2
    [ -z "${CI:-}" ]
    exit
}

cargo +nightly --version >/dev/null 2>&1 || left_out "there is no nightly compiler (rustup toolchain install nightly)"
target=$(rustc +nightly -vV | sed -n 's/^host: //p')
case $target in
    x86_64-unknown-linux-gnu | aarch64-unknown-linux-gnu | *-apple-darwin) ;;
    *) left_out "$target has no ThreadSanitizer" ;;
esac
[ -d "$(rustc +nightly --print sysroot)/lib/rustlib/src/rust/library" ] \
    || left_out "there is no rust-src (rustup component add rust-src --toolchain nightly)"

export RUSTFLAGS=-Zsanitizer=thread TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}"
tests() { # ARGUMENTS of cargo test
    cargo +nightly test -Zbuild-std --target "$target" --target-dir "${CARGO_TARGET_DIR:-target}/tsan" \
        --no-default-features --features simulator "$@"
}
# The scheduler is pure and has one thread only.
tests --lib -- wait:: client:: util::cancel simulator::http::server
tests --test it -- waiting:: mixes:: services:: simulator::
