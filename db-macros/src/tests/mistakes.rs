//! Mistakes: all of a function at once, each said once, in one style.

use super::{expand, messages};

/// A function with this mistake, and a word of the one message about it.
const MISTAKES: &[(&str, &str)] = &[
    // options
    ("#[writer(colour)] fn f(db: &Writer) -> Result<()> {}", "expected one of"),
    ("#[writer(timout = 1s)] fn f(db: &Writer) -> Result<()> {}", "did you mean `timeout`?"),
    ("#[reader(timeot = 1s)] fn f(db: &Reader) -> Result<()> {}", "`timeout` of `#[writer]`"),
    ("#[reader(timeout = 1s)] fn f(db: &Reader) -> Result<()> {}", "`busy_timeout`"),
    ("#[writer(idempotent)] fn f(db: &Writer) -> Result<()> {}", "write it there"),
    ("#[writer(timeout = 1s, timeout = 2s)] fn f(db: &Writer) -> Result<()> {}", "twice"),
    ("#[writer(timeout)] fn f(db: &Writer) -> Result<()> {}", "needs a value"),
    ("#[writer(timeout =)] fn f(db: &Writer) -> Result<()> {}", "needs a value"),
    ("#[writer(timeout = 1)] fn f(db: &Writer) -> Result<()> {}", "write the unit"),
    ("#[writer(timeout = 1.5)] fn f(db: &Writer) -> Result<()> {}", "`1.5s`"),
    ("#[writer(timeout = 1m)] fn f(db: &Writer) -> Result<()> {}", "write `1min`"),
    ("#[writer(timeout = 1h)] fn f(db: &Writer) -> Result<()> {}", "not a unit"),
    ("#[writer(timeout = -1s)] fn f(db: &Writer) -> Result<()> {}", "negative"),
    ("#[writer(timeout = \"1s\")] fn f(db: &Writer) -> Result<()> {}", "without quotes"),
    ("#[writer(timeout = true)] fn f(db: &Writer) -> Result<()> {}", "is a duration"),
    ("#[writer(timeout = 0.5ns)] fn f(db: &Writer) -> Result<()> {}", "nanosecond"),
    ("#[writer(timeout = 99999999999999999999s)] fn f(db: &Writer) -> Result<()> {}", "too long"),
    ("#[writer(timeout = 1e3s)] fn f(db: &Writer) -> Result<()> {}", "digits"),
    ("#[writer(timeout 1s)] fn f(db: &Writer) -> Result<()> {}", "needs a value"),
    ("#[writer(group)] fn f(db: &Writer) -> Result<()> {}", "not available"),
    ("#[writer(db = 3)] fn f(db: &Writer) -> Result<()> {}", "open `Database`"),
    ("#[writer(crate = \"x\")] fn f(db: &Writer) -> Result<()> {}", "without quotes"),
    ("#[writer(crate = 3)] fn f(db: &Writer) -> Result<()> {}", "path of db_core"),
    ("#[writer(3)] fn f(db: &Writer) -> Result<()> {}", "such as `db = self.db`"),
    ("#[reader(autocommit = true)] fn f(db: &Reader) -> Result<()> {}", "takes no value"),
    ("#[reader(autocommit db = x)] fn f(db: &Reader) -> Result<()> {}", "a `,` between"),
    (
        "#[reader] #[retry_on_locked(max_attempts = 0)] fn f(db: &Reader) -> Result<()> {}",
        "0 attempts",
    ),
    (
        "#[reader] #[retry_on_locked(max_attempts = -1)] fn f(db: &Reader) -> Result<()> {}",
        "1 or more",
    ),
    (
        "#[reader] #[retry_on_locked(max_attempts = 3s)] fn f(db: &Reader) -> Result<()> {}",
        "without a unit",
    ),
    (
        "#[reader] #[retry_on_locked(max_attempts = \"3\")] fn f(db: &Reader) -> Result<()> {}",
        "is a number",
    ),
    (
        "#[reader] #[retry_on_locked(max_attempts = 5000000000)] fn f(db: &Reader) -> Result<()> {}",
        "too large",
    ),
    (
        "#[reader] #[retry_on_locked(base_delay = 2s, max_delay = 1s)] fn f(db: &Reader) -> Result<()> {}",
        "longer than",
    ),
    ("#[reader] #[retry_on_locked = 3] fn f(db: &Reader) -> Result<()> {}", "in parentheses"),
    ("#[writer] #[retry_on_locked = 3] fn f(db: &Writer) -> Result<()> {}", "in parentheses"),
    (
        "#[reader(crate = a)] #[retry_on_locked(crate = b)] fn f(db: &Reader) -> Result<()> {}",
        "something else",
    ),
    // idempotent
    ("#[writer] #[retry_on_locked] fn f(db: &Writer) -> Result<()> {}", "outside the database"),
    ("#[retry_on_locked] fn f(conn: &Connection) -> Result<()> {}", "its SQL included"),
    (
        "#[retry_on_locked(idempotent = \"\")] fn f(conn: &Connection) -> Result<()> {}",
        "reason is empty",
    ),
    (
        "#[retry_on_locked(idempotent = \"  \")] fn f(conn: &Connection) -> Result<()> {}",
        "reason is empty",
    ),
    ("#[retry_on_locked(idempotent = true)] fn f(conn: &Connection) -> Result<()> {}", "in quotes"),
    (
        "#[retry_on_locked(idempotent(\"x\"))] fn f(conn: &Connection) -> Result<()> {}",
        "needs a value",
    ),
    (
        "#[retry_on_locked(idempotnt)] fn f(conn: &Connection) -> Result<()> {}",
        "did you mean `idempotent`?",
    ),
    (
        "#[writer(idempotent)] #[retry_on_locked] fn f(db: &Writer) -> Result<()> {}",
        "write it there",
    ),
    // attributes
    ("#[reader] #[writer] fn f(db: &Reader) -> Result<()> {}", "a reader or a writer"),
    ("#[writer] #[db_core::writer(timeout = 1s)] fn f(db: &Writer) -> Result<()> {}", "twice"),
    ("#[reader] struct S;", "not on `struct`"),
    ("#[reader] pub const X: i64 = 3;", "not on `const`"),
    ("#[reader] unsafe impl S {}", "each method"),
    ("#[reader] #[writer] trait T {}", "each method"),
    ("#[reader] call!();", "goes on a function"),
    // signature
    ("#[reader] async fn f(db: &Reader) -> Result<()> {}", "spawn_blocking"),
    ("#[reader] const fn f(db: &Reader) -> Result<()> {}", "remove `const`"),
    ("#[reader] unsafe fn f(db: &Reader) -> Result<()> {}", "remove `unsafe`"),
    ("#[reader] extern \"C\" fn f(db: &Reader) -> Result<()> {}", "annotate a plain one"),
    ("#[reader] fn f(db: &Reader, ...) -> Result<()> {}", "variadic"),
    ("#[reader] fn f(db: &Reader) {}", "write `-> Result<()>`"),
    ("#[reader] fn f(db: &Reader) -> () {}", "`()` has no room"),
    ("#[reader] fn f(db: &Reader) -> ! {}", "`!` has no room"),
    ("#[reader] fn f(db: &Reader) -> i64 {}", "write `Result<i64>`"),
    ("#[reader] fn f(db: &Reader) -> Option<i64> {}", "write `Result<Option<i64>>`"),
    ("#[reader] fn f(db: &Reader) -> std::option::Option<i64> {}", "no room"),
    ("#[reader] fn f(db: &Reader) -> &str {}", "write `Result<..>`"),
    ("#[reader] fn f(db: &Reader) -> (Result<()>, i64) {}", "write `Result<..>`"),
    ("#[reader] fn f(db: &Reader) -> impl Debug {}", "hides"),
    ("#[reader] fn f() -> Result<()> {}", "`db: &Reader`"),
    ("#[writer] fn f(&self) -> Result<()> {}", "`db: &Writer`"),
    ("#[retry_on_locked(idempotent)] fn f() -> Result<()> {}", "`conn: &Connection`"),
    ("#[reader] fn f(db: Reader) -> Result<()> {}", "only lent"),
    ("#[reader] fn f(db: &mut Reader) -> Result<()> {}", "is shared"),
    ("#[writer] fn f(conn: &mut Connection) -> Result<()> {}", "is shared"),
    ("#[reader] fn f(db: &Database) -> Result<()> {}", "callers still pass"),
    ("#[reader] fn f(tx: &Transaction<'_>) -> Result<()> {}", "opens and ends"),
    ("#[reader] fn f(db: &impl ReadFrom) -> Result<()> {}", "for callers"),
    ("#[reader] fn f(n: i64) -> Result<()> {}", "way to the database"),
    ("#[reader] fn f(n: i64, db: &Reader) -> Result<()> {}", "handle comes first"),
    ("#[reader] fn f(db: &Writer) -> Result<()> {}", "a reader cannot write"),
    ("#[writer] fn f(db: &Reader) -> Result<()> {}", "needs a `&Writer`"),
    ("#[reader] fn f(db: &Reader<'a>) -> Result<()> {}", "without `'a`"),
    ("#[reader] fn f(#[cfg(x)] db: &Reader) -> Result<()> {}", "two whole functions"),
    ("#[writer] fn f(db: &Writer<'_, Idempotent>) -> Result<()> {}", "runs once"),
    ("#[writer] fn f<E>(db: &Writer<'_, E>) -> Result<()> {}", "without `E`"),
    (
        "#[writer] #[retry_on_locked(idempotent)] fn f(db: &Writer<'_, effect::Once>) -> Result<()> {}",
        "may run again",
    ),
    ("#[retry_on_locked(idempotent)] fn f(db: &Writer) -> Result<()> {}", "comes from `#[writer]`"),
    ("#[retry_on_locked(idempotent)] fn f(db: &Reader) -> Result<()> {}", "comes from `#[reader]`"),
    ("#[retry_on_locked(idempotent)] fn f(tx: &Transaction) -> Result<()> {}", "retry around it"),
    (
        "#[retry_on_locked(idempotent)] fn f(db: &impl ::db_core::WriteTo<X>) -> Result<()> {}",
        "own name",
    ),
    // repetition
    ("#[reader] #[retry_on_locked] fn f(db: &Reader, v: &mut Vec<i64>) -> Result<()> {}", "`&mut`"),
    ("#[reader] #[retry_on_locked] fn f(&mut self, db: &Reader) -> Result<()> {}", "`&mut self`"),
    ("#[reader] #[retry_on_locked] fn f(self, db: &Reader) -> Result<()> {}", "instead of `self`"),
    (
        "#[reader] #[retry_on_locked] fn f(mut self, db: &Reader) -> Result<()> {}",
        "instead of `self`",
    ),
    (
        "#[reader] #[retry_on_locked] fn f(self: Box<Self>, db: &Reader) -> Result<()> {}",
        "instead of `self`",
    ),
    (
        "#[reader] #[retry_on_locked] fn f(self: &mut Self, db: &Reader) -> Result<()> {}",
        "`&mut self`",
    ),
];

#[test]
fn each_mistake_is_said_once() {
    for (item, part) in MISTAKES {
        let said = messages(expand(item));
        assert!(said.len() == 1 && said[0].contains(part), "{item}\n{said:#?}");
    }
}

#[test]
fn messages_have_one_style() {
    for (item, _) in MISTAKES {
        for message in messages(expand(item)) {
            let first = message.chars().next().unwrap();
            assert!(!first.is_uppercase(), "begins with a capital: {message}");
            assert!(!message.ends_with('.'), "ends with a period: {message}");
            let words = message.split_whitespace().count();
            assert!(words < 25, "{words} words: {message}");
        }
    }
}

#[test]
fn a_function_with_a_mistake_is_still_an_item() {
    for (item, _) in MISTAKES {
        let text = expand(item).to_string();
        let file = syn::parse_str::<syn::File>(&text).is_ok();
        let method = syn::parse_str::<syn::ItemImpl>(&format!("impl X {{ {text} }}")).is_ok();
        assert!(file || method, "{item}\n{text}");
    }
}

#[test]
fn all_mistakes_of_a_function_are_said_at_once() {
    let said = messages(expand(
        "#[writer(timeout = 10, group, colour)]
         #[reader]
         #[retry_on_locked(max_attempts = 0, jitter = 1, base_delay = 2s, max_delay = 1s)]
         async unsafe fn f(&mut self, db: &mut Writer<'a, Once>, v: &mut i64) {}",
    ));
    let parts = [
        "write the unit",
        "expected one of",
        "0 attempts",
        "takes no value",
        "a reader or a writer",
        "outside the database",
        "not available",
        "longer than",
        "spawn_blocking",
        "remove `unsafe`",
        "is shared",
        "without `'a`",
        "may run again",
        "`&mut self`",
        "`&mut`",
        "write `-> Result<()>`",
    ];
    for part in parts {
        assert_eq!(
            said.iter().filter(|message| message.contains(part)).count(),
            1,
            "{part}\n{said:#?}"
        );
    }
    assert_eq!(said.len(), parts.len(), "{said:#?}");
}
