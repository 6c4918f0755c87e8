//! Somebody of this process who holds a connection, and does what a test tells.

use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, Scope, ScopedJoinHandle};

use db_core::{Database, Reader, Result, Writer, reader, writer};
use rusqlite::{Connection, ErrorCode, InterruptHandle};

use super::common::received;

/// What somebody does who holds a connection.
pub(crate) enum Order {
    /// Runs this statement, which has no end of its own, until it is interrupted.
    Run(&'static str),
    LetGo,
}

/// A statement without an end.
pub(crate) const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

/// Where somebody who holds a connection hears what to do, and says how far that is.
pub(crate) struct Desk {
    says: Sender<Says>,
    orders: Mutex<Receiver<Order>>,
}

enum Says {
    /// It has the connection that this interrupts.
    Inside(InterruptHandle),
    /// The statement has ended.
    Interrupted,
}

impl Desk {
    pub(crate) fn serve(&self, conn: &Connection) {
        self.says.send(Says::Inside(conn.get_interrupt_handle())).unwrap();
        while let Order::Run(sql) = received(&self.orders.lock().unwrap()) {
            let ended = conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_err();
            assert_eq!(ended.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
            self.says.send(Says::Interrupted).unwrap();
        }
    }
}

/// Holds the write transaction.
#[writer]
pub(crate) fn import(db: &Writer, desk: &Desk) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('imported')", [])?;
    desk.serve(db);
    Ok(())
}
pub(crate) const IMPORT: u32 = line!() - 5;

/// Holds a snapshot.
#[reader]
pub(crate) fn browse(db: &Reader, desk: &Desk) -> Result<i64> {
    let count = db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
    desk.serve(db);
    Ok(count)
}
pub(crate) const BROWSE: u32 = line!() - 5;

/// A thread that will come to the desk.
pub(crate) struct Comes<'scope> {
    orders: Sender<Order>,
    says: Receiver<Says>,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope> Comes<'scope> {
    /// Runs `call` on such a thread.
    pub(crate) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        thread: thread::Builder,
        call: impl FnOnce(Desk) + Send + 'scope,
    ) -> Self {
        let (orders, heard) = mpsc::channel();
        let (says, said) = mpsc::channel();
        let desk = Desk { says, orders: Mutex::new(heard) };
        let thread = thread.spawn_scoped(scope, move || call(desk)).unwrap();
        Self { orders, says: said, thread }
    }

    /// Returns when it is there.
    #[track_caller]
    pub(crate) fn inside(self) -> Holds<'scope> {
        let Self { orders, says, thread } = self;
        let Says::Inside(interrupt) = received(&says) else { panic!("it was told nothing") };
        Holds { orders, says, interrupt, thread: Some(thread) }
    }
}

/// A thread that holds a connection, until it is told to let go, or this is dropped.
pub(crate) struct Holds<'scope> {
    orders: Sender<Order>,
    says: Receiver<Says>,
    interrupt: InterruptHandle,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
}

impl<'scope> Holds<'scope> {
    /// Runs `call` on a thread of that name; returns when it is at the desk.
    #[track_caller]
    pub(crate) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        name: &str,
        call: impl FnOnce(Desk) + Send + 'scope,
    ) -> Self {
        Comes::start(scope, thread::Builder::new().name(name.into()), call).inside()
    }

    /// An [`import`] on a thread named `importer`.
    #[track_caller]
    pub(crate) fn import<'env>(scope: &'scope Scope<'scope, 'env>, db: &'env Database) -> Self {
        Self::start(scope, "importer", |desk| import(db, &desk).unwrap())
    }

    /// A [`browse`] on a thread of that name.
    #[track_caller]
    pub(crate) fn browse<'env>(
        scope: &'scope Scope<'scope, 'env>,
        db: &'env Database,
        name: &str,
    ) -> Self {
        Self::start(scope, name, |desk| assert!(browse(db, &desk).unwrap() >= 0))
    }

    /// Has it run a statement without an end.
    pub(crate) fn run(&self, sql: &'static str) {
        self.orders.send(Order::Run(sql)).unwrap();
    }

    /// Ends the statement, which must have begun; returns when it has ended.
    #[track_caller]
    pub(crate) fn interrupt(&self) {
        self.interrupt.interrupt();
        let Says::Interrupted = received(&self.says) else { panic!("it began anew") };
    }

    /// Has its body end, which may not be all.
    pub(crate) fn goes_on(&self) {
        self.orders.send(Order::LetGo).unwrap();
    }

    /// Returns when all is over.
    #[track_caller]
    pub(crate) fn let_go(mut self) {
        self.orders.send(Order::LetGo).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Holds<'_> {
    /// A test that fails must not wait for a thread that waits for the test.
    fn drop(&mut self) {
        let _ = self.orders.send(Order::LetGo);
        if self.thread.is_some() {
            self.interrupt.interrupt();
        }
    }
}
