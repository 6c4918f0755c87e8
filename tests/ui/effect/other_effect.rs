// There are two effects; nobody can make a third that allows more.

use db_core::Writer;
use db_core::effect::Effect;

enum Whatever {}

impl Effect for Whatever {
    const REPEATABLE: bool = false;
}

fn helper(db: &Writer<'_, Whatever>) -> usize {
    db.changes() as usize
}

fn main() {}
