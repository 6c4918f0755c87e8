//! The application of the scenes: it opens `shop.db`, and does what it is told on stdin.

use std::io::{BufRead, Read, Write, stdin, stdout};
use std::path::Path;
use std::thread;
use std::time::Duration;

use db_core::{Options, Result, Writer, writer};

/// What the application is to do.
pub(crate) const PART: &str = "DB_CORE_GUIDE_PART";

#[writer]
fn sell(db: &Writer, sku: &str) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])?;
    Ok(())
}

/// Holds the lock until it is told to go on.
#[writer]
fn import(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty + 10", [])?;
    say("holds");
    let _ = stdin().read_to_end(&mut Vec::new());
    Ok(())
}

/// In an ordinary run of the tests there is nothing for it to do.
pub(crate) fn open() {
    let Ok(part) = std::env::var(PART) else { return };
    let file = Path::new("shop.db");
    let options = Options::new()
        .migrations(&["CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL)"])
        .busy_timeout(Duration::from_secs(10))
        .writer_timeout(Duration::from_millis(300));
    let db = options.open(file).unwrap();
    match part.as_str() {
        "make" => {
            let rows = [("A-1", 5), ("A-2", 7), ("B-1", 0)];
            for (sku, qty) in rows {
                let insert = "INSERT INTO stock VALUES (?1, ?2)";
                db.write(|w| w.execute(insert, (sku, qty))).unwrap();
            }
            db.close().unwrap();
        }
        // Stays open after a sale that came to nothing, and has logged that.
        "sell" => {
            let sold = on_thread("clerk-2", || sell(&db, "A-1"));
            std::fs::write("shop.log", format!("{:#}\n", sold.unwrap_err())).unwrap();
            say("logged");
            let _ = stdin().read_to_end(&mut Vec::new());
        }
        "import" => on_thread("importer", || import(&db)).unwrap(),
        part => panic!("no part {part}"),
    }
}

fn on_thread(name: &str, call: impl FnOnce() -> Result<()> + Send) -> Result<()> {
    let named = thread::Builder::new().name(name.to_owned());
    thread::scope(|scope| named.spawn_scoped(scope, call).unwrap().join().unwrap())
}

fn say(word: &str) {
    let mut stdout = stdout().lock();
    // The test harness may have begun the line.
    writeln!(stdout, "\n{word}").unwrap();
    stdout.flush().unwrap();
}

/// Returns when the process says that.
pub(crate) fn hear(stdout: impl Read, word: &str) {
    let mut lines = std::io::BufReader::new(stdout).lines().map_while(std::result::Result::ok);
    assert!(lines.any(|line| line.starts_with(word)), "it never said {word}");
}
