#!/usr/bin/env bash
# zig (`pip install ziglang`) as C compiler and linker for the target of zig that ZIG_TARGET names, such as aarch64-macos.
# Compiler crates and rustc name their targets in other ways and pass options and a library that zig does not have; those
# are dropped.
set -euo pipefail
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
  --target=* | -mmacosx-version-min=* | -liconv) ;;
  -arch | -target | -isysroot) shift ;;
  *) arguments+=("$1") ;;
  esac
  shift
done
exec python3 -m ziglang cc -target "$ZIG_TARGET" -fno-sanitize=undefined "${arguments[@]}"
