fn get(&self) -> Result<i64>;
