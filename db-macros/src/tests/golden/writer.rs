#[writer(timeout = 1.5s)]
/// Sells.
#[inline]
pub(crate) fn sell<T: Send>(db: &db_core::Writer, mut what: Vec<T>, (a, b): (i64, i64)) -> Result<()>
where
    T: ToSql,
{
    what.clear();
    db.execute("UPDATE stock SET qty = ?1", [a + b])?;
    Ok(())
}
