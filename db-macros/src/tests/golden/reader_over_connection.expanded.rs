#[retry_on_locked(__absorbed)]
fn count(
    &self,
    _: u8,
    __arg3: u8,
    n: u8,
    s: &str,
    __arg6: [u8; 2],
) -> rusqlite::Result<impl Iterator<Item = impl Debug>> {
    my::db::__private::read_retried(
        &db_core::global()?,
        my::db::__private::Site::new(::core::concat!(::core::module_path!(), "::", "count")),
        my::db::__private::Autocommit,
        &my::db::RetryPolicy::attempts(3u32),
        move |__handle: &my::db::Reader<'_>| -> rusqlite::Result<_> {
            let conn: &Connection = ::core::ops::Deref::deref(__handle);
            let _skipped = my::db::__private::again::<u8>(&__arg3);
            let mut n = my::db::__private::again::<u8>(&n);
            let mut s = s;
            let [a, b] = my::db::__private::again::<[u8; 2]>(&__arg6);
            '__db_core_body: { body }
        },
    )
}
