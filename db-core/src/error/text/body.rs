//! What a body did to its transaction.

use std::fmt::{self, Formatter};

use super::{Text, one_line, told};
use crate::error::advice::{self, Advice};
use crate::error::kinds::Refused;
use crate::site::Site;

impl Text for Refused {
    fn line(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let statement = &self.statement;
        match &self.site {
            Some(site) => write!(f, "{site} may not run {statement}: {}", self.instead),
            None => write!(
                f,
                "a migration may not run {statement}: leave it out, as all of them run in one transaction, or run it in `Options::setup`"
            ),
        }
    }

    fn advice(&self) -> Advice {
        advice::REFUSED
    }
}

pub(in crate::error) fn rolled_back(site: &Site, f: &mut Formatter<'_>) -> fmt::Result {
    told(
        format_args!(
            "the transaction of {site} was rolled back before its body ended; nothing is kept"
        ),
        &advice::ROLLED_BACK,
        f,
    )
}

pub(in crate::error) fn unfinished(site: &Site, sql: &str, f: &mut Formatter<'_>) -> fmt::Result {
    told(
        format_args!(
            "{site} left a statement unfinished, so it can't commit; nothing is kept: {}",
            one_line(sql)
        ),
        &advice::UNFINISHED,
        f,
    )
}

pub(in crate::error) fn reader_wrote(site: &Site, f: &mut Formatter<'_>) -> fmt::Result {
    told(
        format_args!("{site} is a reader, but it wrote; nothing is kept"),
        &advice::READER_WROTE,
        f,
    )
}
