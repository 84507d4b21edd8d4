#!/usr/bin/env bash
# The rust-version of Cargo.toml is enough. Three checks:
#   - clippy's incompatible_msrv: no newer API of the standard library is used (needs no other compiler);
#   - no dependency asks for a newer Rust (by cargo metadata);
#   - that version builds everything, where rustup can install it.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

cargo clippy -q --locked --all-features --lib --bins -- -D clippy::incompatible_msrv
cargo metadata --format-version 1 --locked --all-features >"${TMPDIR:-/tmp}/cloudjob-metadata.$$"
trap 'rm -f "${TMPDIR:-/tmp}/cloudjob-metadata.$$"' EXIT
# Development dependencies count too: their versions are in Cargo.lock, and the tests run with that Rust as well.
python3 - "$version" "${TMPDIR:-/tmp}/cloudjob-metadata.$$" <<'P'
import json, sys

def number(text):
    return tuple(int(part) for part in (text + ".0.0").split(".")[:3])

own, path = sys.argv[1:]
with open(path) as file:
    packages = json.load(file)["packages"]
newer = [f"{it['name']} {it['version']} asks for Rust {it['rust_version']}" for it in packages
         if it.get("rust_version") and number(it["rust_version"]) > number(own)]
print("\n".join(newer) or f"msrv: none of {len(packages)} packages asks for more than Rust {own}")
sys.exit(bool(newer))
P

if ! rustup run "$version" cargo --version >/dev/null 2>&1 &&
  ! timeout 300 rustup toolchain install "$version" --profile minimal >/dev/null 2>&1; then
  echo "!!! LEFT OUT: A BUILD WITH RUST $version: it cannot be installed here" >&2
  exit 0
fi
# A folder of its own: another compiler would rebuild everything there.
CARGO_TARGET_DIR=target/msrv cargo "+$version" check -q --locked --all-features --lib --bins
echo "msrv: Rust $version builds the library and the command"
