#!/usr/bin/env bash
# usage: scripts/targets.sh [TARGET...]
#
# Builds everything for a 32-bit target and for musl, and runs the tests there. Both run on x86-64 Linux. What cannot run
# here is named; with CI=true that is a failure. Each needs its standard library (rustup target add TARGET) and a C
# compiler for the crypto library of TLS: Debian's gcc-multilib, and musl-tools.
set -euo pipefail
cd "$(dirname "$0")/.."

result=0
left_out() {
    echo "!!! LEFT OUT: TESTS FOR ${1^^}: $2" >&2
    [ -z "${CI:-}" ] || result=1
}

has_c_compiler() { # TARGET
    case $1 in
        i686-*) echo 'int main(void) { return 0; }' | gcc -m32 -x c -o /dev/null - 2>/dev/null ;;
        *-musl) command -v musl-gcc >/dev/null ;;
    esac
}

[ $# != 0 ] || set -- i686-unknown-linux-gnu x86_64-unknown-linux-musl
for target in "$@"; do
    if [ "$(uname -sm)" != "Linux x86_64" ]; then
        left_out "$target" "this is not x86-64 Linux"
    elif ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] && ! rustup target add "$target" >/dev/null 2>&1; then
        left_out "$target" "there is no standard library (rustup target add $target)"
    elif ! has_c_compiler "$target"; then
        left_out "$target" "there is no C compiler (apt-get install gcc-multilib musl-tools)"
    else
        cargo test --no-fail-fast --target "$target" --features cli --lib --bins --test it || result=1
    fi
done
exit "$result"
