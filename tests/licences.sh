#!/usr/bin/env bash
# Checks the dependencies against deny.toml: licences, duplicates, sources, advisories.
# Needs cargo-deny. `--install` (or CI_FULL=1) installs it below target/ when it is absent; otherwise its absence is
# reported and passes, so that a machine without it can still run everything else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

install=${CI_FULL:-0}
for argument in "$@"; do
    case $argument in
        --install) install=1 ;;
        *) echo 'usage: tests/licences.sh [--install]' >&2; exit 2 ;;
    esac
done

tools="${CARGO_TARGET_DIR:-target}/tools"
export PATH="$tools/bin:$PATH"
if ! command -v cargo-deny >/dev/null 2>&1; then
    if [ "$install" != 1 ]; then
        echo 'cargo-deny is not installed: licences and advisories are not checked (tests/licences.sh --install checks them).'
        exit 0
    fi
    cargo install --locked --root "$tools" cargo-deny
fi

cargo deny --locked check --hide-inclusion-graph licenses bans sources

if ! cargo deny --locked fetch db; then
    echo 'NOTE: the advisory database cannot be fetched: advisories are NOT checked. Run this again with network access.' >&2
    exit 0
fi
cargo deny --locked check --hide-inclusion-graph advisories
