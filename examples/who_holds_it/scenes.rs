//! The scenes. Each holds a lock, and shows what is told of it.

use std::fmt::Display;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use db_core::{Database, Options, WriteGuard};

use crate::others::{IMPORTER, Other};
use crate::shop;

const SOON: Duration = Duration::from_millis(300);

/// Something that was built around a guard, and lives longer than was thought.
struct Basket<'db> {
    _writer: WriteGuard<'db>,
}

pub fn play() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("shop.db");
    let (heard, warnings) = mpsc::channel();
    let options = Options::new()
        .migrations(shop::SCHEMA)
        .leak_after(SOON)
        .on_warning(move |warning| drop(heard.send(format!("{warning:#}"))));
    let db = options.clone().open(&file)?;
    db.write(|w| w.execute("INSERT INTO stock VALUES ('A-1', 100)", []))?;

    scene("A guard that was forgotten");
    let basket = Basket { _writer: db.writer()? };
    let late = thread::scope(|scope| scope.spawn(|| shop::sell(&db, "A-1")).join());
    tell("sell() fails with", late.expect("it does not panic").err());
    tell("and on_warning has heard", warnings.recv().ok());
    drop(basket);

    scene("A long import, and two who wait behind it");
    long_import(&db)?;
    let _its_leak = warnings.recv();

    scene("The same with write_timeout");
    let limited = options.clone().write_timeout(SOON).on_warning(|_| ()).open(&file)?;
    tell("import() fails with", shop::import(&limited, 100_000_000).err());
    limited.close()?;

    scene("An importer in another process, which uses db-core");
    let importer = Other::start(IMPORTER, &file)?;
    tell("sell() fails with", shop::sell(&db, "A-1").err());
    drop(importer);

    scene("Somebody with a BEGIN IMMEDIATE in a shell");
    let shell = Other::foreign(&file)?;
    tell("sell() fails with", shop::sell(&db, "A-1").err());
    let holders = db.lock_holders();
    tell("live, db.lock_holders() names", holders.writers.first());
    drop(shell);

    scene("A report that keeps the log from being reset");
    pinned(&db, &warnings)?;
    db.close()?;
    Ok(())
}

fn long_import(db: &Database) -> Result<()> {
    let worker = |name: &str| thread::Builder::new().name(name.into());
    let interrupt = db.write(|w| Ok::<_, db_core::Error>(w.get_interrupt_handle()))?;
    thread::scope(|scope| -> Result<()> {
        worker("importer").spawn_scoped(scope, || shop::import(db, 100_000_000))?;
        until(|| db.stats().writer.is_some());
        worker("restocker").spawn_scoped(scope, || shop::restock(db, "A-1", 5))?;
        until(|| db.stats().waiting == 1);
        tell("sell() fails with", shop::sell(db, "A-1").err());
        for guard in db.open_guards() {
            tell("live, db.open_guards() names", Some(guard));
        }
        // As somebody who presses Ctrl-C.
        interrupt.interrupt();
        Ok(())
    })?;
    let waits = db.stats().waits;
    let told = format!("{} waits, the longest of {:?}", waits.count, waits.worst);
    tell("and db.stats() counts", Some(told));
    Ok(())
}

fn pinned(db: &Database, warnings: &mpsc::Receiver<String>) -> Result<()> {
    let (done, until_done) = mpsc::channel();
    thread::scope(|scope| -> Result<()> {
        let reports = move || shop::report(db, &until_done);
        thread::Builder::new().name("reporter".into()).spawn_scoped(scope, reports)?;
        until(|| db.stats().in_use == 1);
        let start = Instant::now();
        let told = loop {
            shop::import(db, 20_000)?;
            if let Some(told) = warnings.try_iter().find(|told| told.contains("can't be reset")) {
                break told;
            }
            anyhow::ensure!(start.elapsed() < Duration::from_secs(20), "nothing was told");
        };
        tell("on_warning has heard", Some(told));
        done.send(())?;
        Ok(())
    })
}

fn until(holds: impl Fn() -> bool) {
    while !holds() {
        thread::sleep(Duration::from_millis(1));
    }
}

fn scene(title: &str) {
    println!("\n\n===== {title} =====");
}

fn tell(who: &str, text: Option<impl Display>) {
    let text = text.map_or_else(|| "nobody".to_owned(), |text| format!("{text:#}"));
    println!("\n{who}:\n\n  {}", text.replace('\n', "\n  "));
}
