// A literal that a `macro_rules!` hands on is one.

use db_core::{Reader, Result, reader};

macro_rules! query {
    ($name:ident, $sql:literal) => {
        #[reader]
        fn $name(db: &Reader) -> Result<usize> {
            Ok(db.execute($sql, ())?)
        }
    };
}

query!(tidy, "DELETE FROM sent");

fn main() {}
