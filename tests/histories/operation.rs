//! What a worker asks for: a transfer or an append, as one of the three kinds of writers,
//! maybe with another one inside, and how it is to end.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use db_core::effect::Effect;
use db_core::{Error, Writer, retry_on_locked, writer};
use rusqlite::{Connection, ffi};

use super::bank::Transfer;
use super::common::Dice;
use super::lists;

/// Each writer that is kept has its place in the history, by which all others are
/// compared, and says there whether one inside of it is kept as well. No id is refused for
/// being there already: finding it twice is for the check.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE history (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        id INTEGER NOT NULL,
        inner INTEGER NOT NULL DEFAULT FALSE
    );
    CREATE TABLE bomb (id INTEGER);
    CREATE TRIGGER goes_off BEFORE INSERT ON bomb BEGIN SELECT RAISE(ROLLBACK, 'the bomb'); END;";

/// A call has an id that ends with so many zeros; those inside of it count on from there.
pub(crate) const DEPTH_BITS: u32 = 2;
const DEEPEST: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Once,
    Again,
    Grouped,
}

#[derive(Clone, Copy, Debug)]
enum Task {
    Transfer(Transfer),
    Append { list: i64 },
}

/// How a body ends, after it has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Kept,
    /// By an error of its own.
    Failed,
    Panicked,
    /// By a constraint.
    Checked,
    /// By a constraint that ends the transaction.
    RolledBack,
    /// By a trigger that ends the transaction, after which the body writes on.
    Raised,
    /// The commit is to be refused for a foreign key.
    Unsettled,
    /// The transaction was ended by a writer inside.
    Lost,
}

impl End {
    /// By any of which a body ends, on purpose.
    pub(crate) const FAILURES: [Self; 6] = [
        Self::Failed,
        Self::Panicked,
        Self::Checked,
        Self::RolledBack,
        Self::Raised,
        Self::Unsettled,
    ];

    fn meet(self, db: &Connection, write: &Write) -> Result<(), Failure> {
        let sql = match self {
            Self::Kept => return Ok(()),
            Self::Failed => return Err(Planned(write.id).into()),
            Self::Panicked => resume_unwind(Box::new(Planned(write.id))),
            Self::Checked => "UPDATE account SET balance = -1 WHERE id = 0",
            Self::RolledBack => "INSERT OR ROLLBACK INTO account VALUES (0, 0, 0)",
            Self::Raised => {
                let _ = run(db, "INSERT INTO bomb VALUES (1)");
                let _ = lists::append(db, 0, write.id);
                let _ = place(db, write.id);
                return Ok(());
            }
            Self::Unsettled => "INSERT INTO owner VALUES (-1)",
            Self::Lost => unreachable!("it comes from inside"),
        };
        run(db, sql)?;
        Ok(())
    }

    /// Whether this is the error that a call with that end is told.
    fn is_told_by(self, error: &Failure, id: i64) -> bool {
        let code = match error {
            Failure::Sqlite(error) | Failure::Db(Error::Sqlite(error)) => {
                error.sqlite_error().map(|error| error.extended_code)
            }
            _ => None,
        };
        let rolled_back = matches!(error, Failure::Db(Error::RolledBack { .. }));
        match self {
            Self::Failed => matches!(error, Failure::Planned(Planned(whose)) if *whose == id),
            Self::Checked => code == Some(ffi::SQLITE_CONSTRAINT_CHECK),
            Self::RolledBack => code == Some(ffi::SQLITE_CONSTRAINT_PRIMARYKEY),
            Self::Raised | Self::Lost => rolled_back,
            Self::Unsettled => code == Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY),
            Self::Kept | Self::Panicked => false,
        }
    }
}

fn run(db: &Connection, sql: &str) -> rusqlite::Result<usize> {
    db.prepare_cached(sql)?.execute([])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} was to fail")]
struct Planned(i64);

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Planned(#[from] Planned),
    #[error(transparent)]
    Db(#[from] Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its position in the history, then those of the ones inside that are kept.
    Kept(Vec<i64>),
    Failed,
    Panicked,
    /// Not what it was to come to.
    Odd(String),
}

#[derive(Debug)]
pub(crate) struct Write {
    id: i64,
    pub(crate) kind: Kind,
    task: Task,
    end: End,
    /// Others get the time to come and wait, for a group.
    lingers: bool,
    inner: Option<Box<Write>>,
}

impl Write {
    /// `seen` is how far the history was when this thread last looked.
    pub(crate) fn draw(id: i64, dice: &mut Dice, seen: i64) -> Self {
        let kinds = [Kind::Once, Kind::Again, Kind::Grouped, Kind::Grouped];
        Self::draw_at(0, id, &kinds, dice, seen)
    }

    fn draw_at(depth: usize, id: i64, kinds: &[Kind], dice: &mut Dice, seen: i64) -> Self {
        let kind = kinds[dice.below(kinds.len())];
        let task = if dice.below(2) == 0 {
            Task::Transfer(Transfer::draw(dice))
        } else {
            Task::Append { list: lists::draw(dice, seen) }
        };
        let failure = End::FAILURES[dice.below(End::FAILURES.len())];
        let end = if dice.below(4) == 0 { failure } else { End::Kept };
        let inner = (depth < DEEPEST && dice.below(4) == 0).then(|| {
            // What may run again calls none that may not.
            let kinds = if kind == Kind::Once { kinds } else { &[Kind::Again, Kind::Grouped] };
            Box::new(Self::draw_at(depth + 1, id + 1, kinds, dice, seen))
        });
        Self { id, kind, task, end, lingers: dice.below(8) == 0, inner }
    }

    /// What it will come to.
    pub(crate) fn end(&self) -> End {
        match &self.inner {
            Some(inner) if self.end == End::Kept && inner.ends_transaction() => End::Lost,
            Some(inner) if self.end == End::Kept && inner.end() == End::Unsettled => End::Unsettled,
            _ => self.end,
        }
    }

    fn ends_transaction(&self) -> bool {
        let inside = self.inner.as_ref().is_some_and(|inner| inner.ends_transaction());
        inside || matches!(self.end, End::RolledBack | End::Raised)
    }

    /// How many writers it will leave in the history: itself, and those inside.
    pub(crate) fn parts(&self) -> usize {
        match self.end() {
            End::Kept => 1 + self.inner.as_ref().map_or(0, |inner| inner.parts()),
            _ => 0,
        }
    }

    /// What the one inside will come to, if there is one.
    pub(crate) fn inner_end(&self) -> Option<End> {
        self.inner.as_ref().map(|inner| inner.end())
    }

    pub(crate) fn call(&self, db: &db_core::Database) -> Outcome {
        let called = catch_unwind(AssertUnwindSafe(|| match self.kind {
            Kind::Once => once(db, self),
            Kind::Again => again(db, self),
            Kind::Grouped => grouped(db, self),
        }));
        let end = self.end();
        match called {
            Ok(Ok(positions)) if positions.len() == self.parts() => Outcome::Kept(positions),
            Ok(Err(error)) if end.is_told_by(&error, self.id) => Outcome::Failed,
            Err(payload)
                if end == End::Panicked && payload.downcast_ref() == Some(&Planned(self.id)) =>
            {
                Outcome::Panicked
            }
            Ok(told) => Outcome::Odd(format!("{self:?} was told {told:?}")),
            Err(payload) => Outcome::Odd(format!(
                "{self:?} panicked: {:?}, {:?}",
                payload.downcast_ref::<Planned>(),
                payload.downcast_ref::<String>(),
            )),
        }
    }

    /// Writes, lets the one inside do the same, whatever it comes to, and ends.
    fn body<E: Effect>(
        &self,
        db: &Writer<'_, E>,
        nest: impl Fn(&Self) -> Result<Vec<i64>, Failure>,
    ) -> Result<Vec<i64>, Failure> {
        // What another one has left to the commit must not be mended by this.
        run(db, "DELETE FROM owner")?;
        match self.task {
            Task::Transfer(transfer) => transfer.run(db, self.id)?,
            Task::Append { list } => lists::append(db, list, self.id)?,
        }
        let mut positions = vec![place(db, self.id)?];
        if let Some(inner) = &self.inner {
            // A panic is caught here as well.
            let nested = catch_unwind(AssertUnwindSafe(|| nest(inner)));
            if let Ok(Ok(inner)) = nested {
                positions.extend(inner);
                db.prepare_cached("UPDATE history SET inner = TRUE WHERE position = ?1")?
                    .execute([positions[0]])?;
            }
        }
        if self.lingers {
            thread::yield_now();
        }
        self.end.meet(db, self)?;
        Ok(positions)
    }
}

/// Gives a writer its place in the history.
fn place(db: &Connection, id: i64) -> rusqlite::Result<i64> {
    db.prepare_cached("INSERT INTO history (id) VALUES (?1)")?.insert([id])
}

#[writer]
fn once(db: &Writer, write: &Write) -> Result<Vec<i64>, Failure> {
    write.body(db, |inner| match inner.kind {
        Kind::Once => once(db, inner),
        _ => again_or_grouped(db, inner),
    })
}

#[writer]
#[retry_on_locked(idempotent)]
fn again(db: &Writer, write: &Write) -> Result<Vec<i64>, Failure> {
    write.body(db, |inner| again_or_grouped(db, inner))
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn grouped(db: &Writer, write: &Write) -> Result<Vec<i64>, Failure> {
    write.body(db, |inner| again_or_grouped(db, inner))
}

fn again_or_grouped<E: Effect>(db: &Writer<'_, E>, write: &Write) -> Result<Vec<i64>, Failure> {
    match write.kind {
        Kind::Grouped => grouped(db, write),
        _ => again(db, write),
    }
}
