//! Which function a fault is for: the next that comes to the place, or one by its name.

use super::*;

mod stock {
    use super::*;

    #[writer]
    pub(super) fn put(db: &Writer, seen: &Seen) -> Result<()> {
        Ok(write_three(db, seen)?)
    }

    pub(super) mod shelf {
        use super::*;

        /// Of the same name as the one outside.
        #[writer]
        pub(in super::super) fn put(db: &Writer, seen: &Seen) -> Result<()> {
            Ok(write_three(db, seen)?)
        }
    }
}

struct Shop {
    db: Database,
}

impl Shop {
    #[writer(db = self.db)]
    fn stamp(&self, db: &Writer, seen: &Seen) -> Result<()> {
        Ok(write_three(db, seen)?)
    }
}

#[writer]
fn output(db: &Writer, seen: &Seen) -> Result<()> {
    Ok(write_three(db, seen)?)
}

/// A statement of its own before and after each of the functions that it calls.
#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn restock(db: &Writer, seen: &Seen) -> Result<()> {
    seen.note(insert(db, "before"))?;
    refill(db, seen)?;
    seen.note(insert(db, "between"))?;
    look(db, seen)?;
    Ok(seen.note(insert(db, "after"))?)
}

#[writer]
#[retry_on_locked(max_attempts = 2, idempotent)]
fn refill(db: &Writer, seen: &Seen) -> Result<()> {
    Ok(write_three(db, seen)?)
}

#[reader]
fn look(db: &Reader, seen: &Seen) -> Result<()> {
    Ok(read_three(db, seen)?)
}

const BUSY: i32 = ffi::SQLITE_BUSY;

#[test]
fn by_the_path_or_the_end_of_it() {
    use stock::shelf;
    let kit = Kit::new();
    let (faults, db) = (&kit.faults, &kit.db);
    for name in ["fault_kit::named::stock::put", "named::stock::put", "stock::put"] {
        faults.inject(Fault::Busy.at_statement(2).of(name));
        shelf::put(db, &Seen::new()).unwrap();
        output(db, &Seen::new()).unwrap();
        assert_eq!(faults.pending().len(), 1, "{name}");
        stock::put(db, &Seen::new()).unwrap_err();
        faults.assert_all_met();
    }
    // Of several functions of that name it is the next.
    faults.inject(Fault::Busy.at_commit().of("put").times(2));
    output(db, &Seen::new()).unwrap();
    shelf::put(db, &Seen::new()).unwrap_err();
    stock::put(db, &Seen::new()).unwrap_err();
    faults.assert_all_met();
    // A method has the path of its module.
    let shop = Shop { db: Database::clone(db) };
    faults.inject(Fault::Busy.at_turn().of("fault_kit::named::stamp"));
    shop.stamp(&Seen::new()).unwrap_err();
    faults.assert_all_met();
}

#[test]
fn a_name_that_is_no_ones_is_met_by_nobody() {
    let kit = Kit::new();
    for name in ["Put", "put()", "named::put", "ut", "shop::stamp", ""] {
        kit.faults.inject(Fault::Busy.at_turn().of(name));
    }
    stock::put(&kit.db, &Seen::new()).unwrap();
    kit.db.write(|w| insert(w, "by a closure")).unwrap();
    insert(&kit.db.writer().unwrap(), "by a guard").unwrap();
    assert_eq!(kit.faults.pending().len(), 6);
}

/// One of no function is for closures and guards as well; one of a function is not.
#[test]
fn closures_and_guards_have_no_name() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_statement(1).of("output"));
    kit.faults.inject(Fault::Locked.at_statement(1).times(2));
    let seen = Seen::new();
    kit.db.write(|w| write_three(w, &seen)).unwrap_err();
    write_three(&kit.db.writer().unwrap(), &seen).unwrap_err();
    assert_eq!(told(&kit.faults), ["Busy at statement 1 of output, once"]);
    output(&kit.db, &seen).unwrap_err();
    assert_eq!(seen.codes(), [ffi::SQLITE_LOCKED, ffi::SQLITE_LOCKED, BUSY]);
}

/// Each function counts its own statements, and only its own: what it calls counts for itself.
#[test]
fn a_function_inside_another_has_its_own_statements() {
    let kit = Kit::new();
    let whole = ["before", "whole", "between", "after"];
    for (n, injection) in [
        Fault::Busy.at_statement(2).of("refill"),
        Fault::Busy.at_statement(3).of("look"),
        // "between" and "after" of the outer one.
        Fault::Busy.at_statement(2).of("restock"),
        Fault::Busy.at_statement(3).of("restock"),
        // Whose ever it is: the first that comes to a second statement.
        Fault::Busy.at_statement(2),
    ]
    .into_iter()
    .enumerate()
    {
        let seen = Seen::new();
        kit.faults.inject(injection);
        restock(&kit.db, &seen).unwrap();
        kit.faults.assert_all_met();
        assert_eq!(seen.codes(), [BUSY]);
        // Run again by the outermost, and by nobody else; the others are a part of it.
        assert_eq!(kit.last(), (2, true));
        assert_eq!(kit.faults.calls().len(), n + 1);
        assert_eq!(kit.db.names(), whole.repeat(n + 1));
    }
}

/// It has no turn and no COMMIT, as it is in its caller's transaction.
#[test]
fn a_function_inside_another_has_no_other_place() {
    let kit = Kit::new();
    for name in ["refill", "look"] {
        kit.faults.inject(Fault::Busy.at_turn().of(name));
        kit.faults.inject(Fault::Busy.at_commit().of(name));
    }
    restock(&kit.db, &Seen::new()).unwrap();
    assert_eq!(kit.faults.pending().len(), 4);
    assert!(kit.faults.last_call_of("refill").is_none());
    // By itself it has.
    refill(&kit.db, &Seen::new()).unwrap_err();
    assert_eq!(kit.faults.pending().len(), 2);
    assert_eq!(kit.faults.last_call_of("refill").unwrap().attempts, 2);
}

/// What its caller has caught, the caller has dealt with.
#[test]
fn a_function_inside_another_can_fail_alone() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_statement(3).of("refill"));
    kit.db
        .write(|w| {
            insert(w, "before")?;
            assert!(refill(w, &Seen::new()).unwrap_err().is_locked());
            insert(w, "after")
        })
        .unwrap();
    assert_eq!(kit.db.names(), ["before", "after"]);
    assert_eq!(kit.last(), (1, true));
}

#[test]
fn what_is_left_is_told_and_can_be_taken_back() {
    let faults = Faults::new();
    faults.assert_all_met();
    faults.inject(Fault::Busy.at_turn().of("shop::sell").times(2));
    faults.inject(Fault::FailedSync.at_commit());
    faults.inject(Fault::DiskFull.at_statement(3).times(0));
    let all = ["Busy at the turn of shop::sell, 2 times", "FailedSync at COMMIT of any call, once"];
    assert_eq!(told(&faults), all);
    let asserts = std::panic::AssertUnwindSafe(|| faults.assert_all_met());
    let panic = std::panic::catch_unwind(asserts).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert_eq!(*text, format!("faults that no call has met: {}; {}", all[0], all[1]));
    // Clones are the same.
    faults.clone().clear();
    faults.assert_all_met();
}

#[test]
#[should_panic(expected = "statements are counted from 1")]
fn there_is_no_statement_of_number_0() {
    let _ = Fault::Busy.at_statement(0);
}
