#!/bin/sh
# Licences, bans, sources and advisories of the dependencies, by cargo-deny and deny.toml.
# Without cargo-deny the check is left out with a message. With CI set, cargo-deny is installed.
set -eu
cd "$(dirname "$0")/.."
if ! cargo deny --version >/dev/null 2>&1; then
    if [ -z "${CI:-}" ]; then
        echo "!!! LEFT OUT: LICENCES, BANS, SOURCES AND ADVISORIES: there is no cargo-deny (cargo install cargo-deny)" >&2
        exit 0
    fi
    cargo install cargo-deny --locked
fi
cargo deny --locked check --hide-inclusion-graph licenses bans sources

# The database of advisories is a git repository on the network.
if cargo deny fetch db >/dev/null 2>&1; then
    cargo deny --locked check --hide-inclusion-graph --disable-fetch advisories
else
    echo "!!! LEFT OUT: ADVISORIES: their database cannot be fetched" >&2
fi
