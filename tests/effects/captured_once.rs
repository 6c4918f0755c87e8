//! The net's other half: a write that may happen once only, to a database that a body has
//! captured which may run again. (Its ways in one level are in `tests/at_most_once.rs`.)

use std::rc::Rc;
use std::sync::Arc;

use rusqlite::Connection;

use super::*;

trait Mail {
    fn send(&self) -> Result<()>;
}

struct Outbox {
    db: Database,
}

impl Mail for Outbox {
    #[writer(db = self.db)]
    fn send(&self, db: &Writer) -> Result<()> {
        insert(db, "sent")
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, inner: Option<&str>, outer: Option<&str>) {
    let Err(error) = result else { panic!("{result:?}") };
    let Error::OnceInRetried(both) = &error else { panic!("{error:?}") };
    assert_eq!(both.inner.function(), inner);
    assert_eq!(both.outer.function(), outer);
    for site in [both.inner, both.outer] {
        assert!(site.file().starts_with("tests/effects/"), "{site}");
        assert!(error.to_string().contains(&site.to_string()), "{error}");
    }
}

const SEND: Option<&str> = Some("effects::captured_once::send");
const AGAIN: Option<&str> = Some("effects::again");

#[test]
fn by_a_trait_object_at_the_third_level() {
    let (db, other) = (TestDb::new(), TestDb::new());
    let mail: Rc<dyn Mail> = Rc::new(Outbox { db: other.clone() });
    let result = again(&*db, "a", &|w| again(w, "b", &|w| again(w, "c", &|_w| mail.send())));
    refused(result, SEND, AGAIN);
    let result = again(&*db, "a", &|w| sees(w, 1, &|r| sees(r, 1, &|_r| mail.send())));
    refused(result, SEND, AGAIN);
    assert_eq!((db.names().len(), other.names().len()), (0, 0));
    assert_eq!((db.stats().retries, other.stats().timeouts), (0, 0));
    // Outside of it, it is sent.
    mail.send().unwrap();
    assert_eq!(other.names(), ["sent"]);
}

/// In between are bodies that run once: they are part of one that may run again.
#[test]
fn behind_bodies_that_run_once() {
    let (db, other, third) = (TestDb::new(), TestDb::new(), TestDb::new());
    let mail = Outbox { db: third.clone() };
    let result = again(&*db, "a", &|_w| other.read(|r| sees(r, 0, &|_r| mail.send())));
    refused(result, SEND, AGAIN);
    // Refused at the first that writes.
    let result = again(&*db, "a", &|_w| once(&*other, "b", &|_w| mail.send()));
    refused(result, Some("effects::once"), AGAIN);
    assert_eq!((other.names().len(), third.names().len()), (0, 0));
}

/// The innermost body that may run again is the one that is named.
#[test]
fn the_nearest_body_that_may_run_again_is_named() {
    let (db, other, third) = (TestDb::new(), TestDb::new(), TestDb::new());
    let mail = Outbox { db: third.clone() };
    let result = again(&*db, "a", &|_w| other.write_idempotent(&quick(3), |_w| mail.send()));
    refused(result, SEND, None);
    assert_eq!(third.names(), [""; 0]);
}

/// As a closure that somebody else runs.
#[test]
fn by_a_closure_that_was_made_outside() {
    let (db, other) = (TestDb::new(), TestDb::new());
    let outbox = Arc::new(Outbox { db: other.clone() });
    let send = {
        let outbox = Arc::clone(&outbox);
        move || outbox.send()
    };
    let guarded = || other.writer()?.commit();
    for call in [&send as &dyn Fn() -> Result<()>, &guarded] {
        let Err(error) = again(&*db, "a", &|_w| call()) else { panic!("written") };
        assert!(matches!(error, Error::OnceInRetried(_)), "{error:?}");
    }
    assert_eq!(other.names(), [""; 0]);
}

/// What a body deals with itself, or does without, is no reason to fail.
#[test]
fn a_refusal_that_is_dealt_with_keeps_the_rest() {
    let (db, other) = (TestDb::new(), TestDb::new());
    let mail = Outbox { db: other.clone() };
    again(&*db, "a", &|_w| {
        refused(mail.send(), SEND, AGAIN);
        Ok(())
    })
    .unwrap();
    assert_eq!(db.names(), ["a", "a end"]);
    assert_eq!(other.names(), [""; 0]);
}

/// A callback runs after the commit that it was registered for, but that commit is a part
/// of a body which may run again.
#[test]
fn in_the_callback_of_a_commit_inside_a_body_that_may_run_again() {
    let (db, other, third) = (TestDb::new(), TestDb::new(), TestDb::new());
    let (told, heard) = std::sync::mpsc::channel();
    again(&*db, "a", &|_w| {
        again(&*other, "b", &|w| {
            let (mail, told) = (Outbox { db: third.clone() }, told.clone());
            w.on_commit(move || told.send(mail.send()).unwrap());
            Ok(())
        })
    })
    .unwrap();
    refused(heard.recv().unwrap(), SEND, AGAIN);
    assert_eq!((db.names().len(), other.names().len(), third.names().len()), (2, 2, 0));
}

// A handle of a body that runs once, captured in one that may run again.

/// Calls `send` until it has been called three times, as a body that meets locks.
fn until_three(
    runs: &Runs,
    path: &std::path::Path,
    send: impl FnOnce() -> Result<()>,
) -> Result<()> {
    send()?;
    if runs.run() < 3 { Err(busy(path).into()) } else { Ok(()) }
}

#[test]
fn by_a_captured_handle_of_an_outer_transaction() {
    #[writer]
    fn send(db: &Writer) -> Result<()> {
        insert(db, "sent")
    }

    let (db, other, runs) = (TestDb::new(), TestDb::new(), Runs::new());
    let result = once(&*db, "a", &|outer| {
        again(&*other, "b", &|_w| until_three(&runs, other.path(), || send(outer)))
    });
    refused(result, Some("effects::captured_once::send"), AGAIN);
    assert_eq!(db.names(), [""; 0]);
}

#[test]
fn by_a_captured_guard() {
    let (db, other, runs) = (TestDb::new(), TestDb::new(), Runs::new());
    let guard = db.writer().unwrap();
    let result = again(&*other, "b", &|_w| {
        until_three(&runs, other.path(), || once(&guard, "sent", &|_w| Ok(())))
    });
    refused(result, Some("effects::once"), AGAIN);
    guard.commit().unwrap();
    assert_eq!(db.names(), [""; 0]);
}

#[test]
fn by_a_captured_handle_in_a_retried_function_over_a_connection() {
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn bare(conn: &Connection, body: &dyn Fn() -> Result<()>) -> Result<()> {
        assert!(conn.is_autocommit());
        body()
    }

    let (db, other, runs) = (TestDb::new(), TestDb::new(), Runs::new());
    let conn = Connection::open_in_memory().unwrap();
    let _held = other.writer().unwrap();
    let result = once(&*db, "a", &|outer| {
        let body = || until_three(&runs, other.path(), || once(outer, "sent", &|_w| Ok(())));
        bare(&conn, &body)
    });
    refused(result, Some("effects::once"), Some("effects::captured_once::bare"));
    assert_eq!(db.names(), [""; 0]);
}
