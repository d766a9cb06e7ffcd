#!/usr/bin/env bash
# Sends made-up requests for a time: `tests/fuzz.sh 600` runs the tests of tests/it/fuzz.rs again and again, with more
# cases than a test run has, until 600 seconds are over or one of them fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:?"usage: tests/fuzz.sh SECONDS"}
export GUICHET_FUZZ_CASES=${GUICHET_FUZZ_CASES:-2000}
cargo test --profile tested --locked --test it --no-run
rounds=0
SECONDS=0
while [ "$SECONDS" -lt "$seconds" ]; do
    timeout --foreground $((seconds - SECONDS)) cargo test --profile tested --locked --quiet --test it fuzz:: || {
        status=$?
        # 124: the time was over in the middle of a round.
        [ "$status" -eq 124 ] && break
        exit "$status"
    }
    rounds=$((rounds + 1))
done
echo "fuzzed for $SECONDS s: $rounds whole rounds of $GUICHET_FUZZ_CASES cases"
