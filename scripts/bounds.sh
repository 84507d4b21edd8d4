#!/bin/sh
# Builds copies of this package with the lowest and with the newest versions that Cargo.toml allows, and runs the tests of
# the one module that uses an unstable part of ureq's API.
#   scripts/bounds.sh [lowest|newest]
# The lowest versions are resolved by a nightly compiler, and built with the rust-version of Cargo.toml if it is installed.
# A missing compiler is said loudly; a missing nightly is a failure if CI is set.
set -eu
# Warnings of another compiler do not count here.
unset RUSTFLAGS
cd "$(dirname "$0")/.."
which=${1:-both}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
copy_to() {
    mkdir -p "$copy/$1"
    git ls-files -z | xargs -0 cp --parents -t "$copy/$1" 2>/dev/null || true
}
# One target folder, so that a second run is faster.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target/bounds}
export CARGO_TARGET_DIR

lowest() {
    if ! cargo +nightly --version >/dev/null 2>&1; then
        echo "!!! LEFT OUT: LOWEST VERSIONS: there is no nightly compiler (rustup toolchain install nightly)" >&2
        [ -z "${CI:-}" ]
        return
    fi
    copy_to lowest
    (
        cd "$copy/lowest"
        rm -f Cargo.lock
        cargo +nightly update -q -Z direct-minimal-versions
        rust=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
        if ! cargo "+$rust" --version >/dev/null 2>&1; then
            echo "!!! Rust $rust is not installed: the lowest versions are built with $(rustc --version)" >&2
            rust=$(rustup show active-toolchain | cut -d' ' -f1)
        fi
        cargo "+$rust" check -q --lib
        cargo "+$rust" check -q --all-features --lib --bins
    )
    echo "bounds: the lowest versions build"
}

newest() {
    copy_to newest
    (
        cd "$copy/newest"
        cargo update -q
        cargo check -q --lib
        cargo check -q --all-features --lib --bins
        cargo test -q --all-features --lib http::
    )
    echo "bounds: the newest versions build, and the tests of HTTP pass"
}

case $which in
lowest) lowest ;;
newest) newest ;;
both)
    lowest
    newest
    ;;
*) echo "usage: scripts/bounds.sh [lowest|newest]" >&2 && exit 2 ;;
esac
