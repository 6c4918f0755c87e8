#[db_core::retry_on_locked(__absorbed)]
fn set_stock(
    &self,
    db: &impl ::db_core::WriteTo<::db_core::effect::Idempotent>,
    sku: &str,
    qty: i64,
) -> Result<()> {
    let __checked = (
        ::db_core::__private::group_runs_on_another_thread::<&Self>(&self),
        ::db_core::__private::checked::<&Self>(&self),
        ::db_core::__private::group_runs_on_another_thread::<&str>(&sku),
        ::db_core::__private::checked::<&str>(&sku),
        ::db_core::__private::group_runs_on_another_thread::<i64>(&qty),
        ::db_core::__private::checked::<i64>(&qty),
    );
    ::db_core::__private::write_grouped(
        db,
        ::db_core::__private::Site::new(::core::concat!(
            ::core::module_path!(),
            "::",
            "set_stock"
        )),
        ::core::option::Option::None,
        &::db_core::RetryPolicy::attempts(3u32),
        move |db: &Writer<'_, ::db_core::effect::Idempotent>| -> Result<()> {
            let qty = ::db_core::__private::again::<i64>(&qty);
            let _ = &__checked;
            '__db_core_body: {
                db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
                Ok(())
            }
        },
    )
}
