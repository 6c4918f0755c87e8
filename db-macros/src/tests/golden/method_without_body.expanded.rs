fn set(&self, db: &impl ::db_core::WriteTo<::db_core::effect::Once>, n: i64) -> Result<()>
where
    for<'__call> Writer<'__call, ::db_core::effect::Once>: ::core::marker::Sized;
