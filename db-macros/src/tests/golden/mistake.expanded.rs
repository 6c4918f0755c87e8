::core::compile_error! { "`timeout` needs a unit: write `timeout = 10s` or `timeout = 10ms`" }
fn set(db: &impl ::db_core::WriteTo<::db_core::effect::Once>, n: i64) -> Result<()> {
    let db: &Writer<'_, ::db_core::effect::Once> = {
        let _ = db;
        ::core::option::Option::unwrap(::core::option::Option::None)
    };
    '__db_core_refused: { body }
}
