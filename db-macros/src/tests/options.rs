//! Reading of options: every value that is allowed, in the places it shows.

use super::{expand, flat, messages};

/// The expansion of a retried writer with these options, as text.
#[track_caller]
fn retried(options: &str) -> String {
    let item =
        format!("#[retry_on_locked({options})] #[writer] fn f(db: &Writer) -> Result<()> {{}}");
    let expanded = expand(&item);
    assert_eq!(messages(expanded.clone()), Vec::<String>::new(), "{options}");
    flat(expanded).concat()
}

#[track_caller]
fn duration(written: &str, expected: &str) {
    let text = retried(&format!("idempotent, deadline = {written}"));
    let expected = format!(".deadline(::core::time::Duration::{expected})");
    assert!(text.contains(&expected), "{written}: {text}");
}

#[test]
fn durations() {
    duration("10s", "from_secs(10u64)");
    duration("0s", "from_secs(0u64)");
    duration("250ms", "from_millis(250u64)");
    duration("1_000ms", "from_secs(1u64)");
    duration("1.5s", "from_millis(1500u64)");
    duration("0.25ms", "from_micros(250u64)");
    duration("2min", "from_secs(120u64)");
    duration("7us", "from_micros(7u64)");
    duration("7ns", "from_nanos(7u64)");
    duration("500.0ms", "from_millis(500u64)");
}

#[test]
fn a_duration_can_be_an_expression() {
    let text = retried("idempotent, deadline = self.limit(1, 2) * 2, jitter");
    assert!(text.contains(".jitter(true).deadline(self.limit(1,2)*2)"), "{text}");
    let text = retried("idempotent, max_attempts = LIMITS::<{ 3 }, 4>::attempts()");
    assert!(text.contains("attempts(LIMITS::<{3},4>::attempts())"), "{text}");
}

#[test]
fn defaults_and_trailing_commas() {
    assert!(retried("idempotent").contains("attempts(3u32),"));
    assert!(retried("idempotent,").contains("attempts(3u32),"));
    assert!(retried("idempotent = \"it is\", max_attempts = 1u32").contains("attempts(1u32),"));
}

#[test]
fn the_crate_may_be_named_by_both() {
    let text = retried("idempotent, crate = crate::store");
    assert!(text.contains("crate::store::__private::write_retried("), "{text}");
    let item = "#[writer(crate = a::b)] #[retry_on_locked(idempotent, crate = a::b)]
                fn f(db: &Writer) -> Result<()> {}";
    assert_eq!(messages(expand(item)), Vec::<String>::new());
}

#[test]
fn what_the_handle_comes_from() {
    let from = |expr: &str| {
        let item = format!("#[reader(db = {expr})] fn f(&self, db: &Reader) -> Result<()> {{}}");
        let text = flat(expand(&item)).concat();
        let call = text.split("::read(").nth(1).map(str::to_owned);
        call.and_then(|call| call.split(",::db_core::__private::Site").next().map(str::to_owned))
            .unwrap_or(text)
    };
    assert_eq!(from("self.db"), "&self.db");
    assert_eq!(from("db_core::global()?"), "&db_core::global()?");
    assert_eq!(from("&DB"), "&DB");
    assert_eq!(from("*self.db"), "&(*self.db)");
    assert_eq!(from("if a { b } else { c }"), "&(ifa{b}else{c})");
}

/// A `macro_rules!` puts invisible groups around what it was given.
#[test]
fn values_in_invisible_groups() {
    use proc_macro2::{Delimiter, Group, TokenTree};
    let group = |tokens: &str| {
        let tokens = tokens.parse().unwrap();
        TokenTree::Group(Group::new(Delimiter::None, tokens))
    };
    let (limit, count) = (group("2s"), group("5"));
    let (ty, output) = (group("&Writer"), group("Result<()>"));
    let body = group("{ body }");
    let args = quote::quote!(idempotent, deadline = #limit, max_attempts = #count);
    let item = quote::quote!(#[writer] fn f(db: #ty) -> #output #body);
    let expanded = crate::expand::attribute(crate::args::Attr::Retry, args, item);
    assert_eq!(messages(expanded.clone()), Vec::<String>::new());
    let text = flat(expanded).concat();
    assert!(
        text.contains("attempts(5u32).deadline(::core::time::Duration::from_secs(2u64))"),
        "{text}"
    );
    assert!(text.contains("->Result<()>{body},)"), "{text}");
}
