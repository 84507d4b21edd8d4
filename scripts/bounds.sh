#!/bin/sh
# Builds with the lowest and with the newest versions that Cargo.toml allows, in copies, and tries the tests of the one
# module that uses a part of ureq outside of its promise.
#   scripts/bounds.sh [lowest|newest]
# The lowest need a nightly compiler, to be resolved; they are built with the compiler that is the least this crate
# takes, if it is there. Where one is missing it says so and is left out, unless CI is set.
set -eu
# What is a warning to another compiler or another version is not what is asked here.
unset RUSTFLAGS
cd "$(dirname "$0")/.."
which=${1:-both}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
copy_to() {
    mkdir -p "$copy/$1"
    git ls-files -z | xargs -0 cp --parents -t "$copy/$1" 2>/dev/null || true
}
# One place for what is built, so that the second run finds most of it.
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
            echo "!!! Rust $rust is not there: the lowest versions are built with $(rustc --version)" >&2
            [ -z "${CI:-}" ]
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
