#!/usr/bin/env bash
# Group commit under AddressSanitizer: calls that are lent to another thread while their
# callers wait, leave at a deadline, panic or unwind. A use of a caller's stack after it has
# returned ends the run. Needs a nightly toolchain; without one it says so and does nothing.
#
#   db-core/sanitize.sh [FILTER]
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cargo +nightly --version >/dev/null 2>&1; then
  echo "skipped: AddressSanitizer needs a nightly toolchain (rustup toolchain install nightly)"
  exit 0
fi
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
# Proc macros are built for the host, so the target is named. Stacks that are gone are
# poisoned as well.
export RUSTFLAGS="-Zsanitizer=address"
# Some tests leak on purpose.
export ASAN_OPTIONS="detect_stack_use_after_return=1:detect_leaks=0"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/sanitize"
cargo +nightly test --target "$host" -p db-core --lib "${1:-lend::tests}"
cargo +nightly test --target "$host" --test group_commit
