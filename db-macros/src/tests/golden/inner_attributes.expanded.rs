fn f(db: &impl ::db_core::ReadFrom) -> Result<i64> {
    #![allow(unused)]
    ::db_core::__private::read(
        db,
        ::db_core::__private::Site::new(::core::concat!(::core::module_path!(), "::", "f")),
        ::db_core::__private::Snapshot,
        |db: &Reader<'_>| -> Result<i64> { Ok(1) },
        |__error| ::db_core::__private::look!(__error),
    )
}
