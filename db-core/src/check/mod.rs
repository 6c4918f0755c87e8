//! Whether a database is whole: its structure and foreign keys (`integrity`), its settings
//! and its version (`settings`), and what the program says must always hold (`invariants`).
//!
//! Each looks through a connection that somebody else has opened, and only reads.

mod integrity;
mod invariants;
mod settings;

pub(crate) use integrity::{foreign_keys, integrity, structure};
pub(crate) use invariants::invariants;
pub(crate) use settings::{settings, version};
