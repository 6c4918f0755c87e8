//! The kinds of statement that the rules tell apart.

/// What running a statement does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Does {
    /// It leaves the database as it is.
    Reads,
    /// It may change the database file.
    Writes,
    /// `BEGIN`.
    Begins,
    /// `COMMIT`, `END`, `ROLLBACK`.
    Ends,
    /// `SAVEPOINT`, `RELEASE`, `ROLLBACK TO`.
    Nests,
    /// `ATTACH`, `DETACH`.
    Attaches,
    /// `VACUUM`, which SQLite refuses inside of a transaction.
    Vacuums,
    /// It creates an object in the connection's temporary database.
    CreatesTemporary,
    /// A pragma that changes a setting of the connection or of the file.
    Sets,
    /// A pragma that does something to the file or the connection as a whole.
    Acts,
    /// Nothing can be said of it; it may not even be SQL.
    Unknown,
}
