//! No parameter is leaked, and none is dropped twice: whatever becomes of the attempts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;

/// How many there are, and which copy panics.
#[derive(Debug, Default)]
struct Tally {
    alive: AtomicUsize,
    made: AtomicUsize,
    panics_at: usize,
}

#[derive(Debug)]
struct Token(Arc<Tally>);

impl Token {
    fn new(tally: &Arc<Tally>) -> Self {
        tally.alive.fetch_add(1, SeqCst);
        Self(Arc::clone(tally))
    }

    fn alive(&self) -> usize {
        self.0.alive.load(SeqCst)
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        let made = self.0.made.fetch_add(1, SeqCst) + 1;
        assert_ne!(made, self.0.panics_at, "a copy that can't be made");
        Self::new(&self.0)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        assert!(self.0.alive.fetch_sub(1, SeqCst) > 0, "dropped twice");
    }
}

type Then<'a> = &'a dyn Fn() -> Result<usize>;

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn keep(db: &Writer, token: Token, then: Then<'_>) -> Result<Token> {
    db.execute("INSERT INTO item (name) VALUES ('kept')", [])?;
    // The caller's and this attempt's; that of the attempt before is gone.
    assert_eq!(token.alive(), 2);
    then()?;
    Ok(token)
}

#[writer]
fn keep_once(db: &Writer, token: Token, then: Then<'_>) -> Result<Token> {
    db.execute("INSERT INTO item (name) VALUES ('kept')", [])?;
    assert_eq!(token.alive(), 1);
    then()?;
    Ok(token)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn use_up(db: &Writer, token: Token, _unused: Token, _: Token, then: Then<'_>) -> Result<usize> {
    db.execute("INSERT INTO item (name) VALUES ('used up')", [])?;
    drop(token);
    then()
}

#[writer]
fn use_up_once(
    db: &Writer,
    token: Token,
    _unused: Token,
    _: Token,
    then: Then<'_>,
) -> Result<usize> {
    db.execute("INSERT INTO item (name) VALUES ('used up')", [])?;
    drop(token);
    then()
}

#[reader]
#[retry_on_locked(max_attempts = 3, base_delay = 1ms, max_delay = 2ms)]
fn look(db: &Reader, [token, _]: [Token; 2], then: Then<'_>) -> Result<Token> {
    answer(db, 1)?;
    then()?;
    Ok(token)
}

/// Runs `call` with a new tally, and then there is nothing left.
#[track_caller]
fn leaves_nothing<T>(call: impl Fn(&Arc<Tally>, &TestDb) -> T) -> TestDb {
    let (tally, db) = (Arc::new(Tally::default()), TestDb::new());
    let result = call(&tally, &db);
    drop(result);
    assert_eq!(tally.alive.load(SeqCst), 0);
    assert_eq!(Arc::strong_count(&tally), 1);
    db
}

#[test]
fn after_success_at_whichever_attempt() {
    for attempts in 1..=3 {
        let db = leaves_nothing(|tally, db| {
            let runs = Runs::new();
            keep(&**db, Token::new(tally), &|| until(attempts, &runs, db)).unwrap()
        });
        assert_eq!(db.names(), ["kept"]);
        leaves_nothing(|tally, db| {
            let runs = Runs::new();
            let tokens = [Token::new(tally), Token::new(tally)];
            look(&**db, tokens, &|| until(attempts, &runs, db)).unwrap()
        });
        leaves_nothing(|tally, db| {
            let [a, b, c] = [(); 3].map(|()| Token::new(tally));
            let runs = Runs::new();
            use_up(&**db, a, b, c, &|| until(attempts, &runs, db)).unwrap()
        });
    }
    leaves_nothing(|tally, db| keep_once(&**db, Token::new(tally), &|| Ok(1)).unwrap());
    leaves_nothing(|tally, db| {
        let [a, b, c] = [(); 3].map(|()| Token::new(tally));
        use_up_once(&**db, a, b, c, &|| Ok(1)).unwrap()
    });
}

#[test]
fn after_the_last_attempt_and_after_an_error_of_the_bodys_own() {
    let locked: fn(&TestDb) -> Result<usize> = |db| Err(busy_elsewhere(db).into());
    for failure in [locked, |_db| Err(Error::NoGlobal)] {
        let db = leaves_nothing(|tally, db| {
            keep(&**db, Token::new(tally), &|| failure(db)).unwrap_err()
        });
        assert_eq!(db.names(), [""; 0]);
        leaves_nothing(|tally, db| {
            keep_once(&**db, Token::new(tally), &|| failure(db)).unwrap_err()
        });
        leaves_nothing(|tally, db| {
            let [a, b, c] = [(); 3].map(|()| Token::new(tally));
            use_up(&**db, a, b, c, &|| failure(db)).unwrap_err()
        });
        leaves_nothing(|tally, db| {
            look(&**db, [Token::new(tally), Token::new(tally)], &|| failure(db)).unwrap_err()
        });
    }
}

#[test]
fn after_a_call_that_never_reached_its_body() {
    leaves_nothing(|tally, db| {
        db.close().unwrap();
        let never = || unreachable!();
        keep(&**db, Token::new(tally), &never).unwrap_err();
        keep_once(&**db, Token::new(tally), &never).unwrap_err();
        look(&**db, [Token::new(tally), Token::new(tally)], &never).unwrap_err();
    });
}

#[test]
fn after_a_panic_of_the_body_at_whichever_attempt() {
    for attempt in 1..=3 {
        let db = leaves_nothing(|tally, db| {
            let runs = Runs::new();
            let then = || {
                assert_ne!(runs.count() + 1, attempt, "in the body");
                until(3, &runs, db)
            };
            let call = || keep(&**db, Token::new(tally), &then);
            catch_unwind(AssertUnwindSafe(call)).map(drop).unwrap_err();
            assert_eq!(runs.count() + 1, attempt);
        });
        assert_eq!(db.names(), [""; 0]);
        assert_eq!(db.writer().map(drop).map_err(drop), Ok(()));
    }
    leaves_nothing(|tally, db| {
        let call = || keep_once(&**db, Token::new(tally), &|| panic!("in the body"));
        catch_unwind(AssertUnwindSafe(call)).map(drop).unwrap_err();
    });
}

/// A copy is made inside the attempt, so a panic in it is one of the body.
#[test]
fn after_a_panic_of_the_copying_itself() {
    for panics_at in 1..=3 {
        let tally = Arc::new(Tally { panics_at, ..Tally::default() });
        let (db, runs) = (TestDb::new(), Runs::new());
        let call = || keep(&*db, Token::new(&tally), &|| until(3, &runs, &db));
        let panic = catch_unwind(AssertUnwindSafe(call)).map(drop).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("a copy that can't be made"), "{text}");
        assert_eq!((runs.count(), tally.alive.load(SeqCst)), (panics_at - 1, 0));
        assert_eq!(db.names(), [""; 0]);
        assert!(db.open_guards().is_empty());
        db.writer().unwrap().commit().unwrap();
    }
}
