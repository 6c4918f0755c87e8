fn stock(db: &impl ::db_core::ReadFrom, sku: &str) -> Result<i64> {
    ::db_core::__private::read(
        db,
        ::db_core::__private::Site::new(::core::concat!(::core::module_path!(), "::", "stock")),
        ::db_core::__private::Snapshot,
        |db: &Reader<'_>| -> Result<i64> {
            Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
        },
        |__error| ::db_core::__private::look!(__error),
    )
}
