//! A name in a damaged schema need not be text. Where SQLite asks whether it may be used,
//! rusqlite panics over that, catches its panic, and refuses; what it is worth is told as the
//! error that follows, and not by the panic as well.

use std::panic::{set_hook, take_hook};

/// What rusqlite says then.
const NO_TEXT: &str = "received non-utf8 string as authorizer";

pub(crate) fn keep_quiet_about_names() {
    let told = take_hook();
    set_hook(Box::new(move |panic| {
        if !panic.payload_as_str().is_some_and(|text| text.starts_with(NO_TEXT)) {
            told(panic);
        }
    }));
}
