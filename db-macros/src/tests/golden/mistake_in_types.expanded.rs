fn stock(
    db: [&Database;
        ::core::compile_error! { "write `&Reader`: callers still pass a `&Database`" }],
    sku: &str,
) -> [i64;
    ::core::compile_error! { "`i64` has no room for a lock error: write `db_core::Result<i64>`" }]
{
    body
}
