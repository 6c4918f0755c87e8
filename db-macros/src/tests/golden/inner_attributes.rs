#[reader]
fn f(db: &Reader) -> Result<i64> {
    #![allow(unused)]
    Ok(1)
}
