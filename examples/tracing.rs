//! What db-core tells the crate `tracing`: a span for each call with its waits, and events
//! for what is slow, late or tried again.
//!
//! `cargo run --example tracing`, or with another filter:
//! `RUST_LOG=db_core=info cargo run --example tracing`

use std::thread;
use std::time::Duration;

use db_core::testing::{Fault, Faults};
use db_core::{Options, Reader, Result, Writer, reader, retry_on_locked, writer};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

#[reader]
fn stock(db: &Reader, sku: &str) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
}

#[writer(group)]
#[retry_on_locked(idempotent, base_delay = 20ms)]
fn sell(db: &Writer, sku: &str) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])?;
    tracing::info!(sku, "sold");
    Ok(())
}

#[writer(timeout = 50ms)]
fn restock(db: &Writer, sku: &str) -> Result<()> {
    db.execute("UPDATE stock SET qty = 100 WHERE sku = ?1", [sku])?;
    Ok(())
}

#[writer]
fn count_again(db: &Writer, inside: impl FnOnce()) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty", [])?;
    inside();
    Ok(())
}

fn main() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| "debug".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::CLOSE)
        .with_thread_names(true)
        .init();

    // The fault kit, so that there is something to be tried again.
    let faults = Faults::new();
    let table = "CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL)";
    let db = Options::new()
        .migrations(&[table])
        .slow_hold(Duration::from_millis(100))
        .leak_after(Duration::from_millis(150))
        .on_warning(|_| ())
        .faults(&faults)
        .open_in_memory()?;
    db.write(|w| w.execute("INSERT INTO stock VALUES ('A-1', 100)", []))?;

    stock(&db, "A-1")?;
    faults.inject(Fault::Busy.at_turn().of("sell"));
    sell(&db, "A-1")?;
    // While one counts, one gives up, and three wait and then share a transaction.
    thread::scope(|scope| {
        count_again(&db, || {
            scope.spawn(|| restock(&db, "A-1"));
            for _ in 0..3 {
                scope.spawn(|| sell(&db, "A-1"));
            }
            thread::sleep(Duration::from_millis(300));
        })
    })
}
