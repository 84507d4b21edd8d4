#!/usr/bin/env bash
# Builds what a release consists of, for one target: a static binary in an archive, and for Linux a .deb and an .rpm.
#   scripts/packages.sh [TARGET]        (default: x86_64-unknown-linux-musl)
# The results are in target/packages. It needs the target's C compiler, cargo-deb and cargo-generate-rpm; without the
# latter two it says loudly that there is no .deb or .rpm.
set -euo pipefail
cd "$(dirname "$0")/.."
triple=${1:-x86_64-unknown-linux-musl}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
target_dir=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
out=target/packages
assets=target/assets
mkdir -p "$out" "$assets/man"

case $triple in *windows*) suffix=.exe ;; *) suffix= ;; esac
cargo build --release --locked --features cli --target "$triple"
binary=$target_dir/$triple/release/cloudjob$suffix

name=cloudjob-$version-$triple
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/$name"
cp "$binary" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$folder/$name/"
case $triple in
*windows*) (cd "$folder" && 7z a -bso0 "$name.zip" "$name") && mv "$folder/$name.zip" "$out/" ;;
*) tar -C "$folder" --owner=0 --group=0 -czf "$out/$name.tgz" "$name" ;;
esac
echo "packages: $out/$name"

case $triple in
*linux*)
  # The pages and completions are the same for all targets: a binary of this machine prints them.
  case $triple in
  "$(uname -m)"-*) printer=$binary ;;
  *) cargo build --release --locked --features cli && printer=$target_dir/release/cloudjob ;;
  esac
  "$printer" man | gzip -9n > "$assets/man/cloudjob.1.gz"
  for command in show wait until simulate whoami demo completions man; do
    page=$("$printer" man "$command" 2>/dev/null) || continue
    printf '%s\n' "$page" | gzip -9n > "$assets/man/cloudjob-$command.1.gz"
  done
  "$printer" completions bash > "$assets/cloudjob.bash"
  "$printer" completions zsh > "$assets/_cloudjob"
  "$printer" completions fish > "$assets/cloudjob.fish"
  if cargo deb --version >/dev/null 2>&1; then
    cargo deb --no-build --no-strip --target "$triple" --output "$out/"
  else
    echo "!!! LEFT OUT: the .deb: there is no cargo-deb (cargo install cargo-deb)" >&2
  fi
  if cargo generate-rpm --version >/dev/null 2>&1; then
    cargo generate-rpm --target "$triple" --output "$out/"
  else
    echo "!!! LEFT OUT: the .rpm: there is no cargo-generate-rpm (cargo install cargo-generate-rpm)" >&2
  fi
  ;;
esac
(cd "$out" && sha256sum -- * 2>/dev/null | grep -v SHA256SUMS > SHA256SUMS && cat SHA256SUMS)
