#[doc = " Sells."]
#[inline]
pub(crate) fn sell<T: Send>(
    db: &impl ::db_core::WriteTo<::db_core::effect::Once>,
    mut what: Vec<T>,
    (a, b): (i64, i64),
) -> Result<()>
where
    T: ToSql,
{
    ::db_core::__private::write(
        db,
        ::db_core::__private::Site::new(::core::concat!(::core::module_path!(), "::", "sell")),
        ::core::option::Option::Some(::core::time::Duration::from_millis(1500u64)),
        |db: &db_core::Writer<'_, ::db_core::effect::Once>| -> Result<()> {
            what.clear();
            db.execute("UPDATE stock SET qty = ?1", [a + b])?;
            Ok(())
        },
        |__error| ::db_core::__private::look!(__error),
    )
}
