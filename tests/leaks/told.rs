//! What is told of a body that took too long: whose it was, how long it may run, and the
//! statement that was interrupted.

use super::*;

const LIMIT: Duration = ms(60);

fn open() -> TestDb {
    TestDb::with(Options::new().read_timeout(LIMIT).write_timeout(LIMIT))
}

#[reader]
fn search(db: &Reader) -> Result<i64> {
    Ok(run_endless(db)?)
}
const SEARCH: u32 = line!() - 3;

#[writer]
fn import(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    run_endless(db)?;
    Ok(())
}
const IMPORT: u32 = line!() - 5;

/// Runs the call until the statement that it was in is told, which is not known if the
/// machine stood still in that moment.
#[track_caller]
fn in_statement(call: impl Fn() -> Result<i64>) -> (String, Box<BodyTimeout>) {
    for _ in 0..20 {
        let result = call();
        let report = result.as_ref().map_err(Error::report).unwrap_err();
        let told = timeout(result);
        if told.statement.is_some() {
            return (report, told);
        }
    }
    panic!("the statement was never told");
}

#[test]
fn the_error_tells_the_function_the_limit_and_the_statement() {
    let db = open();
    let statement = ENDLESS.split_whitespace().collect::<Vec<_>>().join(" ");
    let advice = "May indicate:\n  \
               - a statement that reads more than it must: an index is missing\n  \
               - work that needs no database was done inside the function\n\
               \n\
               Action:\n  \
               - see how the statement reads: EXPLAIN QUERY PLAN\n  \
               - do the work before or after, or in parts\n  \
               - raise the option that the error names, or leave it out";

    let (report, told) = in_statement(|| search(&*db));
    assert_eq!(told.statement.as_ref(), Some(&statement));
    assert_eq!(
        report,
        format!(
            "`leaks::told::search` (tests/leaks/told.rs:{SEARCH}) took too long: \
             a reader may run for 60 ms (read_timeout)\n\
             \nKnown:\n  - it was interrupted in the statement {statement}\n\n{advice}"
        )
    );
    let (report, told) = in_statement(|| import(&*db, "lost").map(|()| 0));
    assert_eq!(told.statement.as_ref(), Some(&statement));
    assert_eq!(
        report,
        format!(
            "`leaks::told::import` (tests/leaks/told.rs:{IMPORT}) took too long: \
             a writer may run for 60 ms (write_timeout); nothing of it is kept\n\
             \nKnown:\n  - it was interrupted in the statement {statement}\n\n{advice}"
        )
    );
}

/// What a call before was in is no business of this one.
#[test]
fn the_statement_is_that_of_the_body_that_was_late() {
    let db = open();
    for _ in 0..20 {
        let late = db.read(|r| {
            loop {
                run_endless(r).unwrap_err();
                if db.open_guards()[0].statement.is_some() {
                    return Ok::<_, Error>(());
                }
            }
        });
        assert!(timeout(late).statement.is_some());
        // In none, and over before it is asked again; if it is seen in time that it is late.
        let late = db.read(|r| {
            let rows = count(r)?;
            thread::sleep(LIMIT * 5 / 4);
            Ok::<_, Error>(rows)
        });
        if late.is_err() {
            assert_eq!(timeout(late).statement, None);
            return;
        }
    }
    panic!("the watcher never came in time");
}

/// Whatever the body did after it. Not each time is it known.
#[test]
fn the_statement_is_the_one_that_was_interrupted() {
    let db = open();
    let told = (0..20).find_map(|_| {
        let late = db.read(|r| {
            run_endless(r).unwrap_err();
            // For as long as it would have been asked twice again.
            thread::sleep(ms(250));
            looks(1);
            Ok::<_, Error>(())
        });
        timeout(late).statement
    });
    assert!(told.is_some_and(|sql| sql.starts_with("WITH RECURSIVE n")));
}
