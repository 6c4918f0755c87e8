fn import(conn: &mut rusqlite::Connection, rows: &[Row]) -> rusqlite::Result<()> {
    ::db_core::__private::retry_mut(
        conn,
        ::db_core::__private::Site::new(::core::concat!(
            ::core::module_path!(),
            "::",
            "import"
        )),
        &::db_core::RetryPolicy::attempts(3u32),
        move |conn: &mut rusqlite::Connection| -> rusqlite::Result<()> {
            conn.transaction()?.commit()
        },
    )
}
