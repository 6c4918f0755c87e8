//! Mistakes: all of a function at once, each said once, in one style.

mod in_sql;

use super::{expand, messages};

/// A function with this mistake, and a word of the one message about it.
const MISTAKES: &[(&str, &str)] = &[
    // options
    ("#[writer(colour)] fn f(db: &Writer) -> Result<()> {}", "expected one of"),
    ("#[writer(timout = 1s)] fn f(db: &Writer) -> Result<()> {}", "did you mean `timeout`?"),
    ("#[reader(timeot = 1s)] fn f(db: &Reader) -> Result<()> {}", "`timeout` of `#[writer]`"),
    ("#[reader(timeout = 1s)] fn f(db: &Reader) -> Result<()> {}", "`Options::busy_timeout`"),
    (
        "#[writer(idempotent)] fn f(db: &Writer) -> Result<()> {}",
        "add `#[retry_on_locked(idempotent)]`",
    ),
    (
        "#[writer(max_attempts = 7)] fn f(db: &Writer) -> Result<()> {}",
        "add `#[retry_on_locked(max_attempts = 7, idempotent)]` if",
    ),
    (
        "#[reader(max_attempts = 7)] fn f(db: &Reader) -> Result<()> {}",
        "add `#[retry_on_locked(max_attempts = 7)]`",
    ),
    ("#[writer(idempotent = false)] fn f(db: &Writer) -> Result<()> {}", "runs once"),
    (
        "#[writer(idempotent = \"so\")] fn f(db: &Writer) -> Result<()> {}",
        "add `#[retry_on_locked(idempotent = \"so\")]`",
    ),
    ("#[writer(autocommit)] fn f(db: &Writer) -> Result<()> {}", "remove it"),
    ("#[writer(gruop)] fn f(db: &Writer) -> Result<()> {}", "did you mean `group`"),
    ("#[reader(group)] fn f(db: &Reader) -> Result<()> {}", "an option of `#[writer]`"),
    ("#[writer(timeout = 1s, timeout = 2s)] fn f(db: &Writer) -> Result<()> {}", "twice"),
    ("#[writer(timeout)] fn f(db: &Writer) -> Result<()> {}", "needs a value"),
    ("#[writer(timeout =)] fn f(db: &Writer) -> Result<()> {}", "needs a value"),
    ("#[writer(timeout = 1)] fn f(db: &Writer) -> Result<()> {}", "write `timeout = 1s` or"),
    ("#[writer(timeout = 1.5)] fn f(db: &Writer) -> Result<()> {}", "`timeout = 1.5s`"),
    ("#[writer(timeout = 10 s)] fn f(db: &Writer) -> Result<()> {}", "together: `timeout = 10s`"),
    (
        "#[writer(timeout = 10 msec)] fn f(db: &Writer) -> Result<()> {}",
        "together: `timeout = 10ms`",
    ),
    ("#[writer(timeout = 1m)] fn f(db: &Writer) -> Result<()> {}", "write `timeout = 1min`"),
    ("#[writer(timeout = 1h)] fn f(db: &Writer) -> Result<()> {}", "write `timeout = 60min`"),
    ("#[writer(timeout = 1parsec)] fn f(db: &Writer) -> Result<()> {}", "`s` or `min`"),
    (
        "#[writer(timeout = -1s)] fn f(db: &Writer) -> Result<()> {}",
        "negative: write `timeout = 1s`",
    ),
    ("#[writer(timeout = \"1s\")] fn f(db: &Writer) -> Result<()> {}", "without quotes"),
    ("#[writer(timeout = true)] fn f(db: &Writer) -> Result<()> {}", "is a duration"),
    ("#[writer(timeout = 0.5ns)] fn f(db: &Writer) -> Result<()> {}", "nanosecond"),
    ("#[writer(timeout = 99999999999999999999s)] fn f(db: &Writer) -> Result<()> {}", "too long"),
    ("#[writer(timeout = 1e3s)] fn f(db: &Writer) -> Result<()> {}", "digits"),
    ("#[writer(timeout 1s)] fn f(db: &Writer) -> Result<()> {}", "needs a value"),
    ("#[writer(group)] fn f(db: &Writer) -> Result<()> {}", "add `#[retry_on_locked(idempotent)]`"),
    ("#[writer(group)] #[retry_on_locked] fn f(db: &Writer) -> Result<()> {}", "add `idempotent`"),
    ("#[writer(grouped)] fn f(db: &Writer) -> Result<()> {}", "did you mean `group`"),
    ("#[writer(group = true)] fn f(db: &Writer) -> Result<()> {}", "takes no value"),
    (
        "#[writer] #[retry_on_locked(idempotent, group)] fn f(db: &Writer) -> Result<()> {}",
        "write it there",
    ),
    (
        "#[writer(db = 3)] fn f(db: &Writer) -> Result<()> {}",
        "not a literal: write `db = db_core::global()?`",
    ),
    (
        "#[writer(db = \"x\")] fn f(&self, db: &Writer) -> Result<()> {}",
        "not a path: write `db = self.db`",
    ),
    (
        "#[writer(db = \"x\", crate = a::b)] fn f(db: &Writer) -> Result<()> {}",
        "`db = a::b::global()?`",
    ),
    (
        "#[writer(crate = \"x::y\")] fn f(db: &Writer) -> Result<()> {}",
        "without quotes: `crate = x::y`",
    ),
    (
        "#[writer(crate = \"\")] fn f(db: &Writer) -> Result<()> {}",
        "without quotes: `crate = my_db`",
    ),
    ("#[writer(crate = 3)] fn f(db: &Writer) -> Result<()> {}", "path of db_core"),
    ("#[writer(3)] fn f(db: &Writer) -> Result<()> {}", "as in `#[writer(timeout = 10s)]`"),
    (
        "#[writer(\"shop.db\")] fn f(db: &Writer) -> Result<()> {}",
        "as in `#[writer(timeout = 10s)]`",
    ),
    ("#[writer(10s)] fn f(db: &Writer) -> Result<()> {}", "write `timeout = 10s`"),
    (
        "#[reader] #[retry_on_locked(4)] fn f(db: &Reader) -> Result<()> {}",
        "write `max_attempts = 4`",
    ),
    (
        "#[reader] #[retry_on_locked(4s)] fn f(db: &Reader) -> Result<()> {}",
        "write `deadline = 4s`",
    ),
    ("#[reader(autocommit = true)] fn f(db: &Reader) -> Result<()> {}", "write `autocommit` alone"),
    ("#[reader(autocommit = false)] fn f(db: &Reader) -> Result<()> {}", "leave it out"),
    ("#[reader(autocommit = 1)] fn f(db: &Reader) -> Result<()> {}", "alone, or leave it out"),
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
    ("#[reader] #[retry_on_locked = 4] fn f(db: &Reader) -> Result<()> {}", "(max_attempts = 4)]`"),
    (
        "#[writer] #[retry_on_locked = 4] fn f(db: &Writer) -> Result<()> {}",
        "(max_attempts = 4, idempotent)]` if",
    ),
    (
        "#[retry_on_locked(idempotent)] #[writer = 3] fn f(db: &Writer) -> Result<()> {}",
        "as in `#[writer(",
    ),
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
    (
        "#[retry_on_locked(idempotent = true)] fn f(conn: &Connection) -> Result<()> {}",
        "`idempotent` alone",
    ),
    (
        "#[retry_on_locked(idempotent = false)] fn f(conn: &Connection) -> Result<()> {}",
        "remove `#[retry_on_locked]`",
    ),
    ("#[retry_on_locked(idempotent = WHY)] fn f(conn: &Connection) -> Result<()> {}", "in quotes"),
    (
        "#[retry_on_locked(idempotent(\"x\"))] fn f(conn: &Connection) -> Result<()> {}",
        "`idempotent = \"x\"`",
    ),
    (
        "#[retry_on_locked(idempotent(3))] fn f(conn: &Connection) -> Result<()> {}",
        "alone, or with",
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
    ("#[reader] call!();", "on the one that reads"),
    ("#[writer] let x = 3;", "write a `fn` or `db.write(|w| ..)`"),
    ("#[reader] |x| x", "not on a closure"),
    // signature
    ("#[reader] async fn f(db: &Reader) -> Result<()> {}", "spawn_blocking"),
    ("#[reader] const fn f(db: &Reader) -> Result<()> {}", "remove `const`"),
    ("#[reader] unsafe fn f(db: &Reader) -> Result<()> {}", "remove `unsafe`"),
    ("#[reader] extern \"C\" fn f(db: &Reader) -> Result<()> {}", "annotate a plain one"),
    ("#[reader] fn f(db: &Reader, ...) -> Result<()> {}", "variadic"),
    ("#[reader] fn f(db: &Reader) {}", "write `-> db_core::Result<()>`"),
    ("#[reader(crate = a::b)] fn f(db: &Reader) {}", "write `-> a::b::Result<()>`"),
    ("#[reader] fn f(db: &Reader) -> () {}", "`()` has no room"),
    ("#[reader] fn f(db: &Reader) -> ! {}", "`!` has no room"),
    ("#[reader] fn f(db: &Reader) -> i64 {}", "write `db_core::Result<i64>`"),
    ("#[reader] fn f(db: &Reader) -> Option<i64> {}", "write `db_core::Result<Option<i64>>`"),
    ("#[reader] fn f(db: &Reader) -> std::option::Option<i64> {}", "no room"),
    ("#[reader] fn f(db: &Reader) -> &str {}", "write `db_core::Result<..>`"),
    ("#[reader] fn f(db: &Reader) -> (Result<()>, i64) {}", "write `db_core::Result<..>`"),
    ("#[reader] fn f(db: &Reader) -> impl Debug {}", "hides"),
    ("#[reader] fn f() -> Result<()> {}", "`db: &Reader`"),
    ("#[writer] fn f(&self) -> Result<()> {}", "add `db: &Writer` after `&self`"),
    ("#[writer] fn f(self: Arc<Self>) -> Result<()> {}", "after `self`"),
    ("#[writer] fn main() -> Result<()> {}", "call a `#[writer]`"),
    ("#[reader] fn main(db: &Reader) -> Result<()> {}", "call a `#[reader]`"),
    ("#[reader] #[test] fn f(db: &Reader) -> Result<()> {}", "a test has no caller"),
    ("#[writer] #[tokio::test] fn f() -> Result<()> {}", "a test has no caller"),
    ("#[retry_on_locked(idempotent)] fn f() -> Result<()> {}", "`conn: &Connection`"),
    ("#[reader] fn f(db: Reader) -> Result<()> {}", "only lent"),
    ("#[reader] fn f(db: &mut Reader) -> Result<()> {}", "is shared"),
    ("#[writer] fn f(conn: &mut Connection) -> Result<()> {}", "is shared"),
    ("#[reader] fn f(db: &Database) -> Result<()> {}", "callers still pass"),
    ("#[reader] fn f(tx: &Transaction<'_>) -> Result<()> {}", "opens and ends"),
    ("#[writer] fn f(tx: &mut Connection) -> Result<()> {}", "remove `transaction()`"),
    ("#[reader] fn f(db: &impl ReadFrom) -> Result<()> {}", "for callers"),
    ("#[reader] fn f(db: &dyn ReadFrom) -> Result<()> {}", "for callers"),
    ("#[reader] fn f<D: ReadFrom>(db: &D) -> Result<()> {}", "without `D`"),
    ("#[reader] fn f<D>(db: &D) -> Result<()> where D: WriteTo<Once> {}", "without `D`"),
    ("#[reader] fn f(db: Option<&Reader>) -> Result<()> {}", "alone: write `&Reader`"),
    ("#[reader] fn f(db: &&Writer) -> Result<()> {}", "alone: write `&Writer`"),
    ("#[reader] fn f(db: &Arc<Database>) -> Result<()> {}", "callers still pass"),
    ("#[reader] fn f(db: Arc<Mutex<Database>>) -> Result<()> {}", "callers still pass"),
    ("#[reader] fn f(db: &Db) -> Result<()> {}", "by its name: write `&Reader`"),
    ("#[writer] fn f(a: &Writer, b: &Reader) -> Result<()> {}", "one handle"),
    ("#[retry_on_locked(idempotent)] fn f(db: &Database) -> Result<()> {}", "add `#[writer]`"),
    ("#[retry_on_locked(idempotent)] fn f(db: &impl ReadFrom) -> Result<()> {}", "add `#[reader]`"),
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
    ("#[retry_on_locked] fn f(db: &Reader) -> Result<()> {}", "comes from `#[reader]`"),
    (
        "#[reader] #[retry_on_locked] #[writer] fn f(db: &Writer) -> Result<()> {}",
        "a reader or a writer",
    ),
    (
        "#[retry_on_locked(idempotent)] fn f(tx: &Transaction) -> Result<()> {}",
        "begin the transaction",
    ),
    (
        "#[retry_on_locked(idempotent)] fn f(db: &(impl X + ?Sized)) -> Result<()> { ::db_core::__private::write(x) }",
        "`#[writer]` finds this only as `#[retry_on_locked]`",
    ),
    (
        "#[writer] fn f(db: &X) -> Result<()> where for<'__call> Reader<'__call>: Sized;",
        "`#[reader]` finds this only as `#[writer]`",
    ),
    // repetition
    ("#[reader] #[retry_on_locked] fn f(db: &Reader, v: &mut Vec<i64>) -> Result<()> {}", "`&mut`"),
    (
        "#[reader] #[retry_on_locked] fn f(db: &Reader, v: Option<&mut u8>) -> Result<()> {}",
        "`&mut`",
    ),
    ("#[reader] #[retry_on_locked] fn f(&mut self, db: &Reader) -> Result<()> {}", "`&mut self`"),
    ("#[reader] #[retry_on_locked] fn f(self, db: &Reader) -> Result<()> {}", "and clone what"),
    ("#[reader] #[retry_on_locked] fn f(mut self, db: &Reader) -> Result<()> {}", "and clone what"),
    (
        "#[reader] #[retry_on_locked] fn f(self: Box<Self>, db: &Reader) -> Result<()> {}",
        "and clone what",
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
    let in_sql = in_sql::items();
    let items = MISTAKES.iter().map(|(item, _)| *item);
    for item in items.chain(in_sql.iter().map(|(item, _)| item.as_str())) {
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
fn what_has_a_mistake_still_stands_where_it_stood() {
    for (item, _) in MISTAKES {
        let text = expand(item).to_string();
        let file = syn::parse_str::<syn::File>(&text).is_ok();
        let method = syn::parse_str::<syn::ItemImpl>(&format!("impl X {{ {text} }}")).is_ok();
        let statement = syn::parse_str::<syn::Block>(&format!("{{ {text} }}")).is_ok();
        assert!(file || method || statement, "{item}\n{text}");
    }
}

#[test]
fn all_mistakes_of_a_function_are_said_at_once() {
    let said = messages(expand(
        "#[writer(timeout = 10, colour)]
         #[reader]
         #[retry_on_locked(max_attempts = 0, jitter = 1, base_delay = 2s, max_delay = 1s)]
         async unsafe fn f(&mut self, db: &mut Writer<'a, Once>, v: &mut i64) {}",
    ));
    let parts = [
        "needs a unit",
        "expected one of",
        "0 attempts",
        "takes no value",
        "a reader or a writer",
        "longer than",
        "spawn_blocking",
        "remove `unsafe`",
        "is shared",
        "without `'a`",
        "may run again",
        "`&mut self`",
        "`&mut`",
        "write `-> db_core::Result<()>`",
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
