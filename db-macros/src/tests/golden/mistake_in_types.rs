#[reader]
fn stock(db: &Database, sku: &str) -> i64 {
    body
}
