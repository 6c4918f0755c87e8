//! The settings as SQL.

use std::time::Duration;

use rusqlite::Connection;

use super::Options;

impl Options {
    /// SQLite counts milliseconds in an `int`; rusqlite panics past it.
    pub(crate) fn busy_timeout_for_sqlite(&self) -> Duration {
        const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);
        self.busy_timeout.min(LONGEST)
    }

    /// Sets what every connection is set to. The journal mode is not here: it
    /// belongs to the file.
    pub(crate) fn apply(&self, conn: &Connection) -> rusqlite::Result<()> {
        // -1 means no limit: https://sqlite.org/pragma.html#pragma_journal_size_limit
        let limit =
            self.journal_size_limit.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        conn.execute_batch(&format!(
            "PRAGMA foreign_keys = {};
             PRAGMA temp_store = {};
             PRAGMA cache_size = {};
             PRAGMA journal_size_limit = {limit};
             PRAGMA trusted_schema = {};
             PRAGMA synchronous = {};",
            u8::from(self.foreign_keys),
            self.temp_store.word(),
            self.cache_size.number(),
            u8::from(self.trusted_schema),
            self.synchronous.word(),
        ))?;
        conn.set_prepared_statement_cache_capacity(self.statement_cache);
        Ok(())
    }
}
