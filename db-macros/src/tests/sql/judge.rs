//! What SQLite itself says of a statement, and where that is not what we say.

use std::sync::{Arc, LazyLock, Mutex};

use db_core::{Database, Error};

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::ffi::{SQLITE_ATTACH, SQLITE_DETACH};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};
use rusqlite::{Batch, Connection};

use crate::sql::Does;

/// SQLite's verdict on one statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    pub(super) readonly: bool,
    pub(super) explains: bool,
    pub(super) columns: usize,
    /// What preparing it told the authorizer.
    pub(super) told: Told,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// A statement about transactions or attached databases.
    pub(super) does: Option<Does>,
    /// A pragma's name in lower case, and whether it has an argument.
    pub(super) pragma: Option<(String, bool)>,
    pub(super) anything: bool,
}

/// A database to prepare statements on.
pub(super) struct Judge {
    conn: Connection,
    told: Arc<Mutex<Told>>,
}

impl Judge {
    /// A database of its own in memory, after the statements of `set_up`.
    pub(super) fn new(set_up: &[&str]) -> Self {
        let mut conn = Connection::open_in_memory().unwrap();
        for sql in set_up {
            conn.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        }
        let told = Arc::<Mutex<Told>>::default();
        let listener = Arc::clone(&told);
        conn.authorizer(Some(move |context: AuthContext<'_>| {
            listen(&mut listener.lock().unwrap(), &context.action);
            Authorization::Allow
        }))
        .unwrap();
        Self { conn, told }
    }

    /// A verdict on each statement of a text, as SQLite splits it.
    pub(super) fn asks(&self, sql: &str) -> rusqlite::Result<Vec<Verdict>> {
        self.each(sql, |_| Ok(()))
    }

    /// The same, running each before the next is prepared, however that ends.
    pub(super) fn runs(&self, sql: &str) -> rusqlite::Result<Vec<Verdict>> {
        self.each(sql, |statement| {
            let mut rows = statement.raw_query();
            while let Ok(Some(_)) = rows.next() {}
            Ok(())
        })
    }

    fn each(
        &self,
        sql: &str,
        mut then: impl FnMut(&mut rusqlite::Statement<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<Vec<Verdict>> {
        let mut verdicts = Vec::new();
        let mut batch = Batch::new(&self.conn, sql);
        loop {
            *self.told.lock().unwrap() = Told::default();
            let Some(mut statement) = batch.next()? else { return Ok(verdicts) };
            verdicts.push(Verdict {
                readonly: statement.readonly(),
                explains: statement.is_explain() != 0,
                columns: statement.column_count(),
                told: self.told.lock().unwrap().clone(),
            });
            then(&mut statement)?;
        }
    }
}

fn listen(told: &mut Told, action: &AuthAction<'_>) {
    told.anything = true;
    let does = match *action {
        AuthAction::Transaction { operation: TransactionOperation::Begin } => Does::Begins,
        AuthAction::Transaction { .. } => Does::Ends,
        AuthAction::Savepoint { .. } => Does::Nests,
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Does::Attaches,
        // An ATTACH whose file is no literal.
        AuthAction::Unknown { code: SQLITE_ATTACH | SQLITE_DETACH, .. } => Does::Attaches,
        AuthAction::Pragma { pragma_name, pragma_value } => {
            told.pragma = Some((pragma_name.to_ascii_lowercase(), pragma_value.is_some()));
            return;
        }
        _ => return,
    };
    told.does = Some(does);
}

/// A kind of statement of which we say something else than `sqlite3_stmt_readonly`.
pub(super) struct Exception {
    pub(super) kind: &'static str,
    pub(super) why: &'static str,
    pub(super) is: fn(&Verdict) -> bool,
    pub(super) ours: Does,
}

/// The first that is so counts.
pub(super) const EXCEPTIONS: &[Exception] = &[
    Exception {
        kind: "EXPLAIN of what writes",
        why: "SQLite answers for the statement behind EXPLAIN, which does not run; only settings \
              that a pragma makes while it is prepared are made",
        is: |verdict| verdict.explains,
        ours: Does::Reads,
    },
    Exception {
        kind: "BEGIN",
        why: "SQLite sees a write only where a lock is taken at once",
        is: |verdict| verdict.told.does == Some(Does::Begins),
        ours: Does::Begins,
    },
    Exception {
        kind: "COMMIT, END, ROLLBACK",
        why: "what a commit writes was written before, to SQLite",
        is: |verdict| verdict.told.does == Some(Does::Ends),
        ours: Does::Ends,
    },
    Exception {
        kind: "SAVEPOINT, RELEASE, ROLLBACK TO",
        why: "as COMMIT",
        is: |verdict| verdict.told.does == Some(Does::Nests),
        ours: Does::Nests,
    },
    Exception {
        kind: "ATTACH, DETACH",
        why: "they change the connection and no database",
        is: |verdict| verdict.told.does == Some(Does::Attaches),
        ours: Does::Attaches,
    },
    Exception {
        kind: "PRAGMA that sets",
        why: "what outlives the body on its connection is refused when it is run, whether SQLite \
              takes it for a write or not",
        is: |verdict| matches!(&verdict.told.pragma, Some((name, valued)) if sets(name, *valued)),
        ours: Does::Sets,
    },
    Exception {
        kind: "PRAGMA optimize",
        why: "its ANALYZE is a statement within the statement: SQLite does not count one, and of \
              several only what they share",
        is: |verdict| is_pragma(verdict, "optimize"),
        ours: Does::Writes,
    },
    Exception {
        kind: "PRAGMA journal_mode, asked",
        why: "asking and setting are one instruction to SQLite",
        is: |verdict| is_pragma(verdict, "journal_mode") && !has_value(verdict),
        ours: Does::Reads,
    },
    Exception {
        kind: "without effect: CREATE or DROP TRIGGER IF, REINDEX of no index, VACUUM temp",
        why: "SQLite finds that nothing is to be done, and a macro can't; of tables, views and \
              indexes with IF it says writing all the same",
        is: |verdict| verdict.readonly && !verdict.told.anything && verdict.columns == 0,
        ours: Does::Writes,
    },
];

fn is_pragma(verdict: &Verdict, name: &str) -> bool {
    verdict.told.pragma.as_ref().is_some_and(|(known, _)| known == name)
}

/// Whether the runtime refuses this pragma in a body: what is refused when compiled and
/// what is refused when run must be the same.
fn sets(name: &str, valued: bool) -> bool {
    static DATABASE: LazyLock<Database> = LazyLock::new(|| Database::open_in_memory().unwrap());
    let value = if valued { "(0)" } else { "" };
    let sql = format!("PRAGMA \"{name}\"{value}");
    let prepared = DATABASE.write(|w| Ok(w.prepare(&sql).map(drop)?));
    matches!(prepared, Err(Error::Refused(_)))
}

fn has_value(verdict: &Verdict) -> bool {
    verdict.told.pragma.as_ref().is_some_and(|(_, value)| *value)
}

/// What we should say of a statement, and the exception that makes it so.
pub(super) fn expected(verdict: &Verdict) -> (Does, Option<&'static Exception>) {
    let exception = EXCEPTIONS.iter().find(|exception| (exception.is)(verdict));
    (exception.map_or(plain(verdict), |exception| exception.ours), exception)
}

/// What `sqlite3_stmt_readonly` alone says.
pub(super) fn plain(verdict: &Verdict) -> Does {
    if verdict.readonly { Does::Reads } else { Does::Writes }
}
