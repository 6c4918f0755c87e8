//! Whether a database is whole: its structure, its foreign keys, its settings, and what the
//! program says must always hold.

mod integrity;

pub(crate) use integrity::integrity;
