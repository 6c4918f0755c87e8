//! `#[cfg]` and `#[cfg_attr]` on parameters: what is configured away is not there, and
//! what stays is copied, bound and named as if the other had never been.

use super::*;

#[writer]
#[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
#[allow(clippy::too_many_arguments)]
fn write_again(
    db: &Writer,
    #[cfg(any())] (gone, _): (Missing, Gone),
    #[cfg(all())] here: Vec<i64>,
    #[cfg(any())] mut missing: Missing,
    #[cfg_attr(all(), allow(unused_variables))] unused: Vec<i64>,
    #[cfg_attr(all(), cfg(any()))] twice_removed: Missing,
    #[cfg(not(any()))]
    #[allow(unused_mut)]
    mut kept: Vec<i64>,
    (runs, on): (&Runs, &Database),
) -> Result<usize> {
    answer(db, 1)?;
    until(2, runs, on)?;
    Ok(here.len() + kept.len())
}

#[writer]
fn write(
    conn: &Connection,
    #[cfg(any())] gone: Missing,
    #[cfg(all())] mut here: Vec<i64>,
    #[cfg(any())] &mut (ref missing, _): &mut (Missing, Gone),
    #[expect(unused_variables)] unused: i64,
) -> Result<usize> {
    answer(conn, 1)?;
    here.push(1);
    Ok(here.len())
}

#[reader]
fn read(
    #[allow(unused_variables)] db: &Reader,
    #[cfg(all())] n: i64,
    #[cfg(any())] n: Missing,
) -> Result<i64> {
    Ok(n)
}

#[retry_on_locked(max_attempts = 2, idempotent, base_delay = 1ms)]
fn bare(
    conn: &Connection,
    #[cfg(any())] n: Missing,
    #[cfg(all())] (n, _): (String, i64),
    (runs, on): (&Runs, &Database),
) -> Result<usize> {
    answer(conn, 1)?;
    until(2, runs, on)?;
    Ok(n.len())
}

trait Stock {
    #[reader]
    fn count(&self, db: &Reader, #[cfg(any())] gone: Missing, #[cfg(all())] n: i64) -> Result<i64>;

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(&self, db: &Writer, #[cfg(any())] gone: Missing, #[cfg(all())] n: i64) -> Result<i64> {
        answer(db, 1)?;
        Ok(self.count(db, n)? + n)
    }
}

impl Stock for Database {
    #[reader]
    fn count(&self, db: &Reader, #[cfg(any())] gone: Missing, #[cfg(all())] n: i64) -> Result<i64> {
        Ok(answer(db, n)?)
    }
}

struct Shop {
    db: Database,
}

impl Shop {
    #[writer(db = self.db)]
    #[retry_on_locked(idempotent)]
    fn set(&self, db: &Writer, #[cfg(any())] gone: Missing, #[cfg(all())] n: i64) -> Result<i64> {
        Ok(answer(db, n)?)
    }

    #[cfg(any())]
    #[writer(no = such_option)]
    fn set(&self, gone: Missing) {}
}

#[test]
fn parameters_that_are_configured_away_are_gone() {
    let (db, runs) = (TestDb::new(), [(); 2].map(|()| Runs::new()));
    let len = write_again(&*db, vec![1], vec![], vec![2, 3], (&runs[0], &db)).unwrap();
    assert_eq!((len, runs[0].count()), (3, 2));
    assert_eq!(write(&*db, vec![1], 2).unwrap(), 2);
    assert_eq!(read(&*db, 3).unwrap(), 3);
    let conn = Connection::open_in_memory().unwrap();
    assert_eq!(bare(&conn, ("four".into(), 0), (&runs[1], &db)).unwrap(), 4);
    assert_eq!(runs[1].count(), 2);
    assert_eq!(db.set(&*db, 5).unwrap(), 10);
    assert_eq!(Shop { db: db.clone() }.set(6).unwrap(), 6);
}
