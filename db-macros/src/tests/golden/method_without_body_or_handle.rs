#[reader(db = self.db)]
fn get(&self, db: &db_core::Reader) -> Result<i64>;
