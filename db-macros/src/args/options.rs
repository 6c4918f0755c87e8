//! The options of the three attributes, each declared once.
//!
//! An entry gives the field, the name as it is typed, the kind of value, the
//! attributes it belongs to, an example for the messages, and other names that
//! people try.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::ParseStream;
use syn::{Error, Lit};

use super::Attr;
use super::nearest::nearest;
use super::value::{Count, Flag, Given, Idempotence, Length, Place, Root, Value, literal};

/// What an option is called, and where it may stand.
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) on: &'static [Attr],
    pub(crate) sample: &'static str,
    also: &'static [&'static str],
}

macro_rules! declare {
    ($(
        $(#[$doc:meta])*
        $field:ident = $name:literal: $kind:ty, on [$($attr:ident),+],
        like $sample:literal, also [$($alias:literal),*];
    )+) => {
        /// The options of all attributes of one function.
        #[derive(Default)]
        pub(crate) struct Options {
            /// The attributes that the function has.
            pub(super) present: Vec<Attr>,
            $($(#[$doc])* pub(crate) $field: Option<Given<$kind>>,)+
            /// Those that the author wrote, but not so that they could be read.
            tried: Vec<&'static str>,
            unreadable: bool,
        }

        pub(crate) const DECLARED: &[Declared] = &[$(Declared {
            name: $name,
            on: &[$(Attr::$attr),+],
            sample: $sample,
            also: &[$($alias),*],
        },)+];

        impl Options {
            /// Reads what follows the name `key`.
            pub(crate) fn read(
                &mut self,
                attr: Attr,
                key: Ident,
                input: ParseStream<'_>,
            ) -> syn::Result<()> {
                match key.to_string().as_str() {
                    $($name if [$(Attr::$attr),+].contains(&attr) => {
                        let filled = fill(&mut self.$field, attr, key, $sample, input);
                        if filled.is_err() {
                            self.tried.push($name);
                        }
                        filled
                    })+
                    name => {
                        let (message, meant) = not_here(attr, name, &self.present, input);
                        self.tried.extend(meant);
                        Err(Error::new(key.span(), message))
                    }
                }
            }
        }
    };
}

declare! {
    /// Where the handle comes from, if callers do not pass it.
    db = "db": Place, on [Reader, Writer], like "db = self.db", also ["database", "from"];
    /// No transaction around a body of one statement.
    autocommit = "autocommit": Flag, on [Reader], like "autocommit", also ["auto_commit"];
    /// How long one attempt may wait for its turn.
    timeout = "timeout": Length, on [Writer], like "timeout = 10s", also ["wait", "writer_timeout"];
    /// Shares a transaction with others that wait.
    group = "group": Flag, on [Writer], like "group", also ["group_commit", "grouped"];
    /// How often the body may run in all.
    max_attempts = "max_attempts": Count, on [Retry],
    like "max_attempts = 3", also ["retries", "max_retries", "tries", "times", "count"];
    /// The author's word that running the body again does no harm.
    idempotent = "idempotent": Idempotence, on [Retry], like "idempotent", also ["repeatable"];
    /// The pause before the second attempt.
    base_delay = "base_delay": Length, on [Retry],
    like "base_delay = 500ms", also ["delay", "initial_delay", "backoff"];
    /// The longest pause.
    max_delay = "max_delay": Length, on [Retry], like "max_delay = 5s", also ["cap"];
    /// Pauses of random length.
    jitter = "jitter": Flag, on [Retry], like "jitter", also ["random"];
    /// The limit on attempts, waits and pauses together.
    deadline = "deadline": Length, on [Retry], like "deadline = 30s", also ["total", "within"];
    /// The path of `db_core` in the user's crate.
    root = "crate": Root, on [Reader, Writer, Retry], like "crate = my_db", also ["path", "krate"];
}

impl Options {
    /// Whether the author wrote this option, or something that was meant to be
    /// it: then an error about its absence would be one too many.
    pub(crate) fn tried(&self, name: &str) -> bool {
        self.unreadable || self.tried.contains(&name)
    }

    /// Whether an expression of the author's, such as that of `db`, has this name in it.
    pub(crate) fn mention(&self, name: &Ident) -> bool {
        fn has(tokens: TokenStream, name: &Ident) -> bool {
            tokens.into_iter().any(|tree| match tree {
                TokenTree::Ident(ident) => ident == *name,
                TokenTree::Group(group) => has(group.stream(), name),
                _ => false,
            })
        }
        let lengths = [&self.timeout, &self.base_delay, &self.max_delay, &self.deadline];
        let lengths = lengths.into_iter().flatten().filter_map(|given| match &given.value {
            Length::Expr(expr) => Some(expr),
            Length::Literal { .. } => None,
        });
        let count = self.max_attempts.iter().filter_map(|given| match &given.value {
            Count::Expr(expr) => Some(expr),
            Count::Literal(..) => None,
        });
        let db = self.db.iter().map(|given| &given.value.0);
        lengths.chain(count).chain(db).any(|expr| has(expr.to_token_stream(), name))
    }

    /// Notes that an attribute has arguments of which nothing can be read.
    pub(super) fn set_unreadable(&mut self) {
        self.unreadable = true;
    }
}

/// Reads a value into its field. The value is read before anything is said of
/// the key, so that the next option is found in any case.
fn fill<T: Value>(
    slot: &mut Option<Given<T>>,
    attr: Attr,
    key: Ident,
    sample: &'static str,
    input: ParseStream<'_>,
) -> syn::Result<()> {
    let value = T::read(&key, sample, input)?;
    match slot {
        Some(first) if first.attr == attr => {
            let message = format!("`{key}` is written twice: remove one of them");
            Err(Error::new(key.span(), message))
        }
        Some(first) if !first.value.agrees(&value) => {
            let other = first.attr.shown();
            let message = format!("`{key}` says something else in {other}: write it once");
            Err(Error::new(key.span(), message))
        }
        Some(_) => Ok(()),
        None => {
            *slot = Some(Given { key, attr, value });
            Ok(())
        }
    }
}

/// The message for a name that is none of this attribute's options, and the
/// option that was probably meant.
fn not_here(
    attr: Attr,
    name: &str,
    present: &[Attr],
    input: ParseStream<'_>,
) -> (String, Option<&'static str>) {
    let shown = attr.shown();
    if let Some(option) = DECLARED.iter().find(|option| option.name == name) {
        return (misplaced(option, attr, present, input), Some(option.name));
    }
    let (own, others): (Vec<_>, Vec<_>) =
        DECLARED.iter().partition(|option| option.on.contains(&attr));
    if let Some(option) = closest(name, &own) {
        let meant = option.name;
        let message = format!("{shown} has no option `{name}`: did you mean `{meant}`?");
        return (message, Some(meant));
    }
    if let Some(option) = closest(name, &others) {
        let (meant, owner) = (option.name, owners(option));
        let message = format!("{shown} has no option `{name}`: did you mean `{meant}` of {owner}?");
        return (message, Some(meant));
    }
    let names: Vec<String> = own.iter().map(|option| format!("`{}`", option.name)).collect();
    let names = names.join(", ");
    let message = format!("{shown} has no option `{name}`: expected one of {names}");
    (message, None)
}

/// The message for an option of another attribute.
fn misplaced(option: &Declared, attr: Attr, present: &[Attr], input: ParseStream<'_>) -> String {
    let (name, owner, shown) = (option.name, owners(option), attr.shown());
    let is = format!("`{name}` is an option of {owner}");
    match (name, attr) {
        ("timeout", Attr::Reader) => {
            format!("{is}: remove it; readers wait up to `Options::busy_timeout`")
        }
        ("timeout", Attr::Retry) => {
            format!("{is}, not of {shown}: for all attempts together write `deadline`")
        }
        _ if option.on.iter().any(|owner| present.contains(owner)) => {
            format!("{is}, not of {shown}: write it there")
        }
        _ if option.on == [Attr::Retry] => format!("{is}: {}", in_a_retry(option, attr, input)),
        _ => format!("{is}, not of {shown}: remove it"),
    }
}

/// What to add where an option of a retry stands in another attribute.
fn in_a_retry(option: &Declared, attr: Attr, input: ParseStream<'_>) -> String {
    let (retry, name) = (Attr::Retry.name(), option.name);
    let given = literal(input);
    let shown = given
        .as_ref()
        .map_or(option.sample.to_owned(), |value| format!("{name} = {}", value.to_token_stream()));
    match (name, &given) {
        // A no, which no retry may follow from.
        ("idempotent", Some(Lit::Bool(said))) if !said.value => {
            "remove it, as without one the body runs once".to_owned()
        }
        ("idempotent", Some(Lit::Str(_))) => format!("add `#[{retry}({shown})]`"),
        ("idempotent", _) => format!("add `#[{retry}({name})]`"),
        _ if attr == Attr::Reader => format!("add `#[{retry}({shown})]`"),
        _ => {
            format!("add `#[{retry}({shown}, idempotent)]` if running the body again is harmless")
        }
    }
}

fn owners(option: &Declared) -> String {
    let shown: Vec<String> = option.on.iter().map(|attr| attr.shown()).collect();
    shown.join(" and ")
}

fn closest<'a>(name: &str, among: &[&'a Declared]) -> Option<&'a Declared> {
    let alias = among.iter().find(|option| option.also.contains(&name));
    alias.copied().or_else(|| {
        let near = nearest(name, among.iter().map(|option| option.name))?;
        among.iter().find(|option| option.name == near).copied()
    })
}
