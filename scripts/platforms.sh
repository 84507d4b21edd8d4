#!/usr/bin/env bash
# Builds and tests for other operating systems, as far as that can be done on x86-64 Linux.
#   scripts/platforms.sh [windows|apple]...      (default: both; musl and 32 bits: scripts/targets.sh)
#
# windows  built with mingw; the tests, the demo and Ctrl-C under wine
# apple    checked with all features, and the command linked, by zig in place of Apple's SDK; not run
#
# It takes a target from rustup and, with CI=true and as root, compilers and wine from apt. Whatever cannot be had is left
# out, which is said loudly.
set -euo pipefail
# Flags of the caller must not reach other targets, nor turn warnings of another compiler into errors.
unset RUSTFLAGS
cd "$(dirname "$0")/.."
target_dir=$(cargo metadata --format-version 1 --no-deps --offline | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
# Debug information is not needed, and leaving it out saves a third of the time.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0

left_out() { # WHAT WHY
  echo "!!! LEFT OUT: $1: $2" >&2
}

have_target() { # TRIPLE
  rustup target list --installed 2>/dev/null | grep -qx "$1" || timeout 300 rustup target add "$1" >/dev/null 2>&1
}

have() { # PROGRAM PACKAGE...
  local program=$1
  shift
  command -v "$program" >/dev/null && return
  [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] || return 1
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@"; } >/dev/null 2>&1 || return 1
  command -v "$program" >/dev/null
}

demo() { # COMMAND...: the demo succeeds, and that of a failure ends with 1
  local code=0
  "$@" demo
  "$@" demo --fail || code=$?
  [ "$code" = 1 ] || { echo "demo --fail ended with $code" >&2; return 1; }
}

interrupt() { # COMMAND...: Ctrl-C ends the demo with 130
  local log code=0
  log=$(mktemp)
  env --default-signal=INT "$@" demo 2>"$log" &
  timeout 30 sh -c 'until grep -q RUNNING "$1"; do sleep 0.2; done' - "$log"
  kill -INT $!
  wait $! || code=$?
  rm "$log"
  [ "$code" = 130 ] || { echo "Ctrl-C ended the demo with $code" >&2; return 1; }
}

windows() {
  local triple=x86_64-pc-windows-gnu
  have_target $triple || { left_out "windows" "the target $triple cannot be installed"; return; }
  have x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64 ||
    { left_out "windows" "there is no mingw (apt-get install gcc-mingw-w64-x86-64)"; return; }
  cargo build -q --target $triple --features cli
  have wine wine wine64 || { left_out "windows: running it" "there is no wine (apt-get install wine)"; return; }
  export WINEPREFIX=$target_dir/wine WINEDEBUG=-all
  mkdir -p "$WINEPREFIX"
  wine wineboot --init >/dev/null 2>&1
  # Rust takes its random numbers from a library that older versions of wine lack.
  x86_64-w64-mingw32-gcc -shared -O2 -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" \
    scripts/bcryptprimitives.c -ladvapi32
  demo wine "$target_dir/$triple/debug/cloudjob.exe"
  interrupt wine "$target_dir/$triple/debug/cloudjob.exe"
  cargo build -q --target $triple --features cli --examples
  # Left out: the tests that run cargo, which is no program of Windows here, and one that needs responses within 0.5 s, for
  # which wine is too slow.
  CLOUDJOB_EXAMPLES_BUILT=1 CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine \
    cargo test -q --target $triple --features cli --lib --bins --test it -- \
    --skip build_script::a_build --skip faults::the_wall_holds
}

apple() {
  local triple
  for triple in aarch64-apple-darwin x86_64-apple-darwin; do
    have_target $triple || { left_out "apple" "the target $triple cannot be installed"; continue; }
    if python3 -m ziglang version >/dev/null 2>&1; then
      export ZIG_TARGET=${triple/-apple-darwin/-macos} CC_${triple//-/_}="$PWD/scripts/zig-cc.sh"
      cargo check -q --target $triple --all-features
      local linker=${triple^^}
      export CARGO_TARGET_${linker//-/_}_LINKER="$PWD/scripts/zig-cc.sh"
      # The linker warns that there is no SDK.
      cargo rustc -q --target $triple --features cli --bin cloudjob -- -A linker_messages -A warnings
    else
      left_out "apple: TLS" "there is no zig (pip install ziglang)"
      cargo check -q --target $triple --no-default-features --features cli,log --lib --bins
    fi
  done
  left_out "apple: running it" "that needs a Mac; .github/workflows/ci.yml has one"
}

[ $# -gt 0 ] || set -- windows apple
for platform in "$@"; do
  begun=$SECONDS
  "$platform"
  echo "platforms: $platform done after $((SECONDS - begun)) s"
done
