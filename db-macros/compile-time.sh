#!/usr/bin/env bash
# What the attributes cost while compiling: the time that `cargo check` takes for
# a crate of 500 annotated functions, against the same functions written by hand
# with `db.read`, `db.write` and `db.write_idempotent`.
#
#   db-macros/compile-time.sh [functions] [runs]
#
# The crates stand outside of this workspace, as a user's does, with Cargo's own
# profile: the macros are compiled without optimisation. The first run compiles
# SQLite, which takes a minute or two.
set -euo pipefail
functions=${1:-500}
runs=${2:-9}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/target/compile-time

crate() { # name
  mkdir -p "$work/$1/src"
  cat >"$work/$1/Cargo.toml" <<TOML
[package]
name = "$1"
version = "0.0.0"
edition = "2024"

[dependencies]
db-core = { path = "$root/db-core" }
TOML
  cat >"$work/$1/src/lib.rs"
}

annotated() {
  echo 'use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};'
  for ((i = 0; i < functions; i += 4)); do
    cat <<RUST

#[reader]
pub fn stock_$i(db: &Reader, sku: &str) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
}

#[writer]
pub fn sell_$i(db: &Writer, sku: &str, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty - ?2 WHERE sku = ?1", (sku, qty))?;
    Ok(())
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
pub fn set_$i(db: &Writer, sku: &str, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
    Ok(())
}

#[reader(autocommit)]
pub fn skus_$i(db: &Reader) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached("SELECT sku FROM stock ORDER BY sku")?;
    let rows = statement.query_map((), |row| row.get(0))?;
    rows.map(|sku| Ok(sku?)).collect()
}
RUST
  done
}

by_hand() {
  echo 'use db_core::{Database, Result, RetryPolicy};'
  for ((i = 0; i < functions; i += 4)); do
    cat <<RUST

pub fn stock_$i(db: &Database, sku: &str) -> Result<i64> {
    db.read(|db| {
        Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
    })
}

pub fn sell_$i(db: &Database, sku: &str, qty: i64) -> Result<()> {
    db.write(|db| {
        db.execute("UPDATE stock SET qty = qty - ?2 WHERE sku = ?1", (sku, qty))?;
        Ok(())
    })
}

pub fn set_$i(db: &Database, sku: &str, qty: i64) -> Result<()> {
    db.write_idempotent(&RetryPolicy::attempts(3), |db| {
        db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
        Ok(())
    })
}

pub fn skus_$i(db: &Database) -> Result<Vec<String>> {
    db.read(|db| {
        let mut statement = db.prepare_cached("SELECT sku FROM stock ORDER BY sku")?;
        let rows = statement.query_map((), |row| row.get(0))?;
        rows.map(|sku| Ok(sku?)).collect()
    })
}
RUST
  done
}

check() { # name
  touch "$work/$1/src/lib.rs"
  CARGO_INCREMENTAL=0 cargo check --quiet --offline --manifest-path "$work/Cargo.toml" -p "$1"
}

mkdir -p "$work"
printf '[workspace]\nmembers = ["empty", "annotated", "by_hand"]\nresolver = "3"\n' >"$work/Cargo.toml"
cp "$root/Cargo.lock" "$work/Cargo.lock"
crate empty <<<''
annotated | crate annotated
by_hand | crate by_hand
cargo check --quiet --manifest-path "$work/Cargo.toml" --workspace

declare -A times
for ((run = 0; run < runs; run++)); do
  for name in empty by_hand annotated; do
    start=$(date +%s%N)
    check "$name"
    times[$name]+="$((($(date +%s%N) - start) / 1000)) "
  done
done

median() { tr ' ' '\n' <<<"${times[$1]}" | sed '/^$/d' | sort -n | sed -n "$((runs / 2 + 1))p"; }
empty=$(median empty)
by_hand=$(median by_hand)
annotated=$(median annotated)
awk -v n="$functions" -v runs="$runs" -v e="$empty" -v h="$by_hand" -v a="$annotated" 'BEGIN {
  printf "%d functions, median of %d runs of `cargo check`\n\n", n, runs
  printf "| | seconds | less an empty crate | a function |\n|---|---|---|---|\n"
  printf "| an empty crate | %.3f | | |\n", e / 1e6
  printf "| by hand | %.3f | %.3f | %.2f ms |\n", h / 1e6, (h - e) / 1e6, (h - e) / n / 1e3
  printf "| annotated | %.3f | %.3f | %.2f ms |\n", a / 1e6, (a - e) / 1e6, (a - e) / n / 1e3
  printf "\nannotated / by hand: %.2f (%.2f less an empty crate)\n", a / h, (a - e) / (h - e)
}'
