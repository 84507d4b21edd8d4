#!/usr/bin/env bash
# usage: scripts/targets.sh [TARGET...]
#
# Builds everything for a 32-bit target and for musl, and runs the tests there: x86-64 Linux runs both. For aarch64 the unit
# tests run under qemu. What cannot run here is named; with CI=true that is a failure. Each needs its standard library
# (rustup target add TARGET) and a C compiler for the crypto library of TLS: Debian's gcc-multilib, and musl-tools; for
# aarch64 zig (pip install ziglang) and qemu-user-static.
set -euo pipefail
cd "$(dirname "$0")/.."

result=0
left_out() {
    echo "!!! LEFT OUT: TESTS FOR ${1^^}: $2" >&2
    [ -z "${CI:-}" ] || result=1
}

has_c_compiler() { # TARGET
    case $1 in
        i686-*) echo 'int main(void) { return 0; }' | gcc -m32 -x c -o /dev/null - ;;
        aarch64-*) python3 -m ziglang version && command -v qemu-aarch64-static ;;
        *-musl) command -v musl-gcc ;;
    esac >/dev/null 2>&1
}

aarch64_musl() {
    export ZIG_TARGET=aarch64-linux-musl CC_aarch64_unknown_linux_musl=$PWD/scripts/zig-cc.sh
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld
    export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER=qemu-aarch64-static
    # Left out: the tests that start themselves again, which this machine cannot without the emulator.
    cargo test --no-fail-fast --target aarch64-unknown-linux-musl --features cli --lib -- \
        --skip no_thread_is_started_for_a_request --skip no_secret_of_a_request_is_in_the_log \
        --skip an_unusable_proxy_in_the_environment &&
        cargo run -q --target aarch64-unknown-linux-musl --features cli -- demo
}

[ $# != 0 ] || set -- i686-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl
for target in "$@"; do
    if [ "$(uname -sm)" != "Linux x86_64" ]; then
        left_out "$target" "this is not x86-64 Linux"
    elif ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] && ! rustup target add "$target" >/dev/null 2>&1; then
        left_out "$target" "there is no standard library (rustup target add $target)"
    elif ! has_c_compiler "$target"; then
        left_out "$target" "a program is missing (apt-get install gcc-multilib musl-tools qemu-user-static; pip install ziglang)"
    elif [ "$target" = aarch64-unknown-linux-musl ]; then
        (aarch64_musl) || result=1
    else
        cargo test --no-fail-fast --target "$target" --features cli --lib --bins --test it || result=1
    fi
done
exit "$result"
