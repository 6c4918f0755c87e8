//! Checking a database on demand.

use crate::database::Database;
use crate::error::Result;
use crate::finding::Finding;
use crate::invariant::Invariant;
use crate::options::IntegrityCheck;
use crate::site::Site;

impl Database {
    /// Checks the database as it is at this moment: its structure and foreign keys as `check`
    /// says, its settings and schema version, and the invariants of the options. Returns what
    /// is wrong, at most 100 of each kind; nothing if all is well. With
    /// [`IntegrityCheck::None`] the structure and the foreign keys are left out.
    ///
    /// It looks through a connection of its own: neither
    /// [`max_readers`](crate::Options::max_readers) nor
    /// [`read_timeout`](crate::Options::read_timeout) count. Writers go on meanwhile; the
    /// log can't be used again from its beginning before it ends. Of a database that is opened
    /// [`read_only`](crate::Options::read_only), CHECK constraints are not looked at: SQLite
    /// forgets them on a connection that can't write (`sqlite3AddCheckConstraint` in build.c).
    ///
    /// ```
    /// use db_core::{Database, FindingKind, IntegrityCheck};
    ///
    /// let db = Database::open_in_memory()?;
    /// assert!(db.verify(IntegrityCheck::Full)?.is_empty());
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("shop.db");
    /// # let careless = db_core::Options::new().foreign_keys(false);
    /// # let db = careless.open(&path)?;
    ///
    /// // A program that leaves foreign keys off can write what they forbid.
    /// db.write(|w| {
    ///     w.execute_batch(
    ///         "CREATE TABLE product (id INTEGER PRIMARY KEY);
    ///          CREATE TABLE line (product INTEGER REFERENCES product);
    ///          INSERT INTO line VALUES (7)",
    ///     )
    /// })?;
    /// let findings = db.verify(IntegrityCheck::Quick)?;
    /// assert_eq!(findings[0].kind, FindingKind::ForeignKey);
    /// assert_eq!(findings[0].what, "row 1 of line names a row of product that is not there");
    /// # Ok::<_, db_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Closed`](crate::Error::Closed), [`Error::Forked`](crate::Error::Forked);
    /// [`Error::Locked`](crate::Error::Locked) if somebody keeps it from being read; SQLite's own
    /// where a check can't be made: a disk that can't be read,
    /// [`Error::Corrupt`](crate::Error::Corrupt) for a file that is no database any more. What is
    /// damaged is a finding.
    #[track_caller]
    pub fn verify(&self, check: IntegrityCheck) -> Result<Vec<Finding>> {
        self.engine().verify(check, Site::caller())
    }

    /// Looks for rows that break `invariants`, at most 100 for each. One that can't be checked,
    /// as its query is wrong or names a table that is not there, is a finding too.
    ///
    /// ```
    /// use db_core::{Database, Invariant};
    ///
    /// let db = Database::open_in_memory()?;
    /// db.write(|w| {
    ///     w.execute_batch(
    ///         "CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER, counted TEXT);
    ///          INSERT INTO stock VALUES ('A-1', -3, '2026-02-30')",
    ///     )
    /// })?;
    /// let findings = db.check_invariants(&[
    ///     Invariant::in_range("stock", "qty", 0..).named("stock is never negative"),
    ///     Invariant::valid_date("stock", "counted"),
    ///     Invariant::unique("stock", &["sku"]),
    /// ])?;
    /// let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
    /// assert_eq!(told, [
    ///     "\"stock is never negative\" is broken: sku = 'A-1', qty = -3",
    ///     "\"counted of stock is a date\" is broken: sku = 'A-1', counted = '2026-02-30'",
    /// ]);
    /// # Ok::<_, db_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    #[track_caller]
    pub fn check_invariants(&self, invariants: &[Invariant]) -> Result<Vec<Finding>> {
        self.engine().broken(invariants, Site::caller())
    }
}
