#[writer(__absorbed)]
fn set_stock(
    db: &impl ::db_core::WriteTo<::db_core::effect::Idempotent>,
    sku: &str,
    qty: i64,
) -> Result<()> {
    ::db_core::__private::write_retried(
        db,
        ::db_core::__private::Site::new(::core::concat!(
            ::core::module_path!(),
            "::",
            "set_stock"
        )),
        ::core::option::Option::None,
        &::db_core::RetryPolicy::attempts(4u32)
            .base_delay(::core::time::Duration::from_millis(250u64))
            .max_delay(LONGEST)
            .jitter(true)
            .deadline(::core::time::Duration::from_secs(60u64)),
        move |db: &Writer<'_, ::db_core::effect::Idempotent>| -> Result<()> {
            let qty = ::db_core::__private::again::<i64>(&qty);
            '__db_core_body: {
                db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
                Ok(())
            }
        },
    )
}
