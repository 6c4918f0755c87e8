//! Whether a connection is set as the options say, and the file is of the expected version.

use rusqlite::Connection;

use crate::finding::{Finding, FindingKind};
use crate::options::{JournalMode, Options};

/// What is set otherwise on this connection.
pub(crate) fn settings(conn: &Connection, options: &Options) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let foreign_keys: bool = conn.pragma_query_value(None, "foreign_keys", |row| row.get(0))?;
    if foreign_keys != options.foreign_keys {
        let (is, wanted) = (on(foreign_keys), on(options.foreign_keys));
        let what = format!("foreign_keys is {is}, and should be {wanted}");
        let mend = "use an SQLite that enforces foreign keys, and leave the setting to the options";
        findings.push(Finding::new(FindingKind::Setting, what, mend).at("foreign_keys"));
    }
    // Who only reads takes the file as it is.
    if !options.read_only {
        let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let wanted = options.journal_mode.word();
        // With a rollback journal the mode is the connection's own, and only WAL is the file's.
        let differs =
            mode.eq_ignore_ascii_case("wal") != (options.journal_mode == JournalMode::Wal);
        if differs {
            let what = format!("journal_mode is {mode}, and should be {wanted}");
            let mend = "close the other programs that have the file open, and open it again";
            findings.push(Finding::new(FindingKind::Setting, what, mend).at("journal_mode"));
        }
    }
    Ok(findings)
}

fn on(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Whether the file has the version that is expected, if one is.
pub(crate) fn version(conn: &Connection, options: &Options) -> rusqlite::Result<Vec<Finding>> {
    let Some(expected) = options.schema_version else { return Ok(Vec::new()) };
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let mend = match version.cmp(&expected) {
        std::cmp::Ordering::Equal => return Ok(Vec::new()),
        std::cmp::Ordering::Less => "bring the schema up to date with the program's own migrations",
        std::cmp::Ordering::Greater => {
            "use the newer version of the program, or restore a backup from before the update"
        }
    };
    let what = format!("the schema version (user_version) is {version}, and should be {expected}");
    Ok(vec![Finding::new(FindingKind::SchemaVersion, what, mend).at("user_version")])
}

/// Whether the file comes from a newer program.
pub(crate) fn is_newer(conn: &Connection, options: &Options) -> rusqlite::Result<bool> {
    let Some(expected) = options.schema_version else { return Ok(false) };
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(version > expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_without_foreign_keys_is_found() {
        let conn = Connection::open_in_memory().unwrap();
        let options = Options::new().read_only(true);
        conn.pragma_update(None, "foreign_keys", true).unwrap();
        assert_eq!(settings(&conn, &options).unwrap(), []);
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        let found = settings(&conn, &options).unwrap();
        assert_eq!(found[0].kind, FindingKind::Setting);
        assert_eq!(found[0].what, "foreign_keys is off, and should be on");
    }
}
