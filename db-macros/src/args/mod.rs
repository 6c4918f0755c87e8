//! What stands between the parentheses of the attributes.
//!
//! Options are declared once, in [`options`]; reading them, finding doubled,
//! misplaced and mistyped ones and the lists in the messages derive from there.

mod duration;
mod nearest;
mod options;
mod value;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Expr, ExprLit, Lit, Meta, MetaNameValue, Path, Token};

use crate::diag::Diag;
pub(crate) use options::Options;
pub(crate) use value::{Given, Idempotence, Length, bare};

/// The attributes of this crate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Attr {
    Reader,
    Writer,
    Retry,
}

/// The one argument that says: another attribute of this crate has already
/// done this one's work. Only expansions write it.
const ABSORBED: &str = "__absorbed";

impl Attr {
    const ALL: [Self; 3] = [Self::Reader, Self::Writer, Self::Retry];

    /// The name as the user imports it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Retry => "retry_on_locked",
        }
    }

    /// The name as the user sees it in a message.
    pub(crate) fn shown(self) -> String {
        format!("`#[{}]`", self.name())
    }

    /// An option with which a message shows how one is written.
    const fn sample(self) -> &'static str {
        match self {
            Self::Reader => "autocommit",
            Self::Writer => "timeout = 10s",
            Self::Retry => "max_attempts = 3",
        }
    }

    /// Which of our attributes a path names. Only its last segment can be
    /// looked at: a macro knows nothing of the imports around it.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let last = path.segments.last()?;
        Self::ALL.into_iter().find(|attr| last.ident == attr.name())
    }
}

/// All that the attributes of one function ask for.
pub(crate) struct Asked {
    /// Each attribute, with tokens that stand where it stands.
    written: Vec<(Attr, TokenStream)>,
    pub(crate) options: Options,
}

impl Asked {
    /// Reads the attribute that is being expanded and those of ours that stand
    /// below it, which then have nothing left to do. `user` is the span of
    /// anything that the user wrote.
    pub(crate) fn gather(
        attr: Attr,
        args: TokenStream,
        below: &mut [Attribute],
        user: Span,
        diag: &Diag,
    ) -> Self {
        // The attribute's own place, but not as something that a macro wrote.
        let here = quote_spanned!(user.located_at(Span::call_site())=> #);
        let mut asked = Self { written: vec![(attr, here)], options: Options::default() };
        asked.options.present = std::iter::once(attr)
            .chain(below.iter().filter_map(|attribute| Attr::of(attribute.path())))
            .collect();
        let is_reader = asked.options.present.contains(&Attr::Reader);
        read(attr, args, &mut asked.options, diag);
        for attribute in below {
            let Some(attr) = Attr::of(attribute.path()) else {
                continue;
            };
            let place = attribute.path().to_token_stream();
            let Some(args) = absorb(attribute, is_reader, diag) else {
                continue;
            };
            if asked.has(attr) {
                let shown = attr.shown();
                diag.error(place, format!("{shown} is written twice: remove one of them"));
                continue;
            }
            match args {
                Ok(args) => read(attr, args, &mut asked.options, diag),
                Err(error) => {
                    diag.push(error);
                    asked.options.set_unreadable();
                }
            }
            asked.written.push((attr, place));
        }
        asked
    }

    pub(crate) fn has(&self, attr: Attr) -> bool {
        self.place(attr).is_some()
    }

    /// The path of the runtime crate, as text.
    pub(crate) fn runtime(&self) -> String {
        let renamed = self.options.root.as_ref();
        renamed.map_or("db_core".to_owned(), |root| {
            root.value.0.to_token_stream().to_string().replace(' ', "")
        })
    }

    /// Tokens that stand where this attribute stands.
    pub(crate) fn place(&self, attr: Attr) -> Option<&TokenStream> {
        let found = self.written.iter().find(|(written, _)| *written == attr);
        found.map(|(_, place)| place)
    }

    /// The one that stands lower, if both are there.
    pub(crate) fn later(&self, a: Attr, b: Attr) -> Option<&TokenStream> {
        let both = self.has(a) && self.has(b);
        let last = self.written.iter().rfind(|(attr, _)| *attr == a || *attr == b);
        last.filter(|_| both).map(|(_, place)| place)
    }
}

/// Whether these arguments are the mark that [`absorb`] leaves.
pub(crate) fn is_absorbed(args: &TokenStream) -> bool {
    let mut args = args.clone().into_iter();
    let first = args.next();
    matches!(first, Some(TokenTree::Ident(ident)) if ident == ABSORBED) && args.next().is_none()
}

/// Takes the arguments out of an attribute that stands on the same function,
/// `None` if it was absorbed before.
///
/// The attribute stays where it is with a mark in it and does nothing when its
/// turn comes. Taking it away would turn the user's `use` of it into an unused
/// import, and naming it in the body is impossible for a method without one.
pub(crate) fn absorb(
    attribute: &mut Attribute,
    is_reader: bool,
    diag: &Diag,
) -> Option<syn::Result<TokenStream>> {
    let args = match &attribute.meta {
        Meta::Path(_) => Ok(TokenStream::new()),
        Meta::List(list) if is_absorbed(&list.tokens) => return None,
        Meta::List(list) => Ok(list.tokens.clone()),
        Meta::NameValue(pair) => Err(Error::new_spanned(pair, in_parentheses(pair, is_reader))),
    };
    let path = attribute.path();
    let mark = Ident::new(ABSORBED, path.span());
    let marked = quote_spanned!(path.span()=> #[#path(#mark)]);
    match Attribute::parse_outer.parse2(marked) {
        Ok(parsed) => parsed.into_iter().for_each(|marked| *attribute = marked),
        Err(error) => diag.push(error),
    }
    Some(args)
}

/// Reads the arguments of one attribute into `options`; what is wrong with one
/// does not keep the others from being read.
fn read(attr: Attr, args: TokenStream, options: &mut Options, diag: &Diag) {
    let all = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = read_one(attr, input, options) {
                diag.push(error);
                skip(input);
            } else if !input.is_empty() && !input.peek(Token![,]) {
                diag.push(input.error("write a `,` between two options"));
                skip(input);
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    if let Err(error) = all.parse2(args) {
        diag.push(error);
    }
}

fn read_one(attr: Attr, input: ParseStream<'_>, options: &mut Options) -> syn::Result<()> {
    if !input.peek(syn::Ident::peek_any) {
        return Err(input.error(nameless(attr, input)));
    }
    if input.peek(Token![self]) && attr != Attr::Retry {
        return Err(
            input.error("where the database comes from needs its name: write `db = self.db`")
        );
    }
    let key = input.call(Ident::parse_any)?;
    options.read(attr, key, input)
}

/// What to write instead of a value that has no name.
fn nameless(attr: Attr, input: ParseStream<'_>) -> String {
    let literal = input.fork().parse::<Lit>().ok();
    match (attr, &literal) {
        (Attr::Retry, Some(Lit::Int(number))) if number.suffix().is_empty() => {
            format!("a number needs its name: write `max_attempts = {number}`")
        }
        (Attr::Writer | Attr::Retry, Some(Lit::Int(_) | Lit::Float(_)))
            if let Some(length) = literal.as_ref().and_then(Length::shown) =>
        {
            let name = if attr == Attr::Writer { "timeout" } else { "deadline" };
            format!("a duration needs its name: write `{name} = {length}`")
        }
        _ => {
            format!("an option begins with its name, as in `#[{}({})]`", attr.name(), attr.sample())
        }
    }
}

/// What to write instead of `#[retry_on_locked = 3]`.
fn in_parentheses(pair: &MetaNameValue, is_reader: bool) -> String {
    let Some(attr) = Attr::of(&pair.path) else {
        return "options go in parentheses".to_owned();
    };
    let (name, sample) = (attr.name(), attr.sample());
    if attr != Attr::Retry {
        return format!("options go in parentheses, as in `#[{name}({sample})]`");
    }
    let attempts = match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => format!("max_attempts = {number}"),
        _ => sample.to_owned(),
    };
    if is_reader {
        return format!("options go in parentheses: write `#[{name}({attempts})]`");
    }
    format!(
        "options go in parentheses: write `#[{name}({attempts}, idempotent)]` if running the body again is harmless"
    )
}

/// Goes on to the comma behind an option that could not be read.
fn skip(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}
