//! From an annotated function to what the compiler gets instead.
//!
//! An expansion names the function, its place in the source and its policy, and
//! calls one function of `db_core::__private`. All else is in the runtime,
//! where it can be tested.

mod body;
mod call;
mod crossing;
mod fallback;
mod runtime;
mod signature;

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::ext::IdentExt as _;

use crate::args::{self, Asked, Attr};
use crate::diag::Diag;
use crate::item::{Function, Item, Other};
use crate::show;
use crate::validate::{self, Checked, First, Seen};
use runtime::Runtime;

/// Expands one attribute. The three entry points differ in `attr` only.
pub(crate) fn attribute(attr: Attr, args: TokenStream, item: TokenStream) -> TokenStream {
    if args::is_absorbed(&args) {
        return item;
    }
    let diag = Diag::new();
    match Item::read(item.clone(), attr) {
        Item::Function(function) => match Seen::of(&function) {
            None => {
                let name = function.sig.ident.unraw().to_string();
                let expanded = self::function(attr, args, *function, diag);
                show::if_asked(attr, &name, &expanded);
                expanded
            }
            Some(seen) => {
                seen.report(attr, function.sig.fn_token.span, &diag);
                let errors = diag.finish();
                quote!(#errors #item)
            }
        },
        Item::Other(other) => self::other(other, diag),
    }
}

fn function(attr: Attr, args: TokenStream, mut function: Function, diag: Diag) -> TokenStream {
    let user = function.sig.fn_token.span;
    let asked = Asked::gather(attr, args, &mut function.attrs, user, &diag);
    let checked = validate::check(&asked, &function, &diag);
    match (diag.finish(), checked) {
        (None, Checked { job, retried, first: First::Handle(handle), returns: None, .. }) => {
            let runtime = Runtime::new(&asked);
            let plan = Plan { job, retried, handle: *handle, asked, runtime };
            whole(function, &plan)
        }
        (errors, checked) => {
            let errors = errors.unwrap_or_else(|| {
                let message = "db-macros found a mistake without naming it: please report this";
                quote!(::core::compile_error! { #message })
            });
            let item = fallback::function(function, checked, &asked);
            quote!(#errors #item)
        }
    }
}

/// A function that passed every check.
struct Plan {
    job: validate::Job,
    retried: bool,
    handle: validate::Handle,
    asked: Asked,
    runtime: Runtime,
}

impl Plan {
    /// Whether its body may run on another caller's thread.
    fn is_grouped(&self) -> bool {
        self.job == validate::Job::Write && self.retried && self.asked.options.group.is_some()
    }
}

fn whole(mut function: Function, plan: &Plan) -> TokenStream {
    let Some(body) = function.body.take() else {
        signature::declaration(&mut function.sig, plan);
        return item(&function, None);
    };
    let call = call::call(&function.sig, &body, plan);
    signature::definition(&mut function.sig, plan);
    let inner = &body.inner;
    let mut block = Group::new(Delimiter::Brace, quote!(#(#inner)* #call));
    // With the span of the user's own braces, rustc takes the closure's body for the
    // function's: one that ends without a value is said at the return type.
    block.set_span(body.block.span());
    item(&function, Some(block.into_token_stream()))
}

/// The function with another body, `;` for none.
fn item(function: &Function, body: Option<TokenStream>) -> TokenStream {
    let mut tokens = TokenStream::new();
    tokens.append_all(&function.attrs);
    function.vis.to_tokens(&mut tokens);
    function.defaultness.to_tokens(&mut tokens);
    function.sig.to_tokens(&mut tokens);
    tokens.extend(body);
    function.semi.to_tokens(&mut tokens);
    tokens
}

/// What is no function goes on as it was, beside the error.
fn other(mut other: Other, diag: Diag) -> TokenStream {
    for attribute in &mut other.attrs {
        if Attr::of(attribute.path()).is_some() {
            // One error is enough, so the others have nothing left to say.
            let _ = args::absorb(attribute, false, &diag);
        }
    }
    diag.push(other.error);
    let errors = diag.finish();
    let Other { attrs, rest, is_closure, .. } = other;
    if is_closure {
        return quote!({ #errors #(#attrs)* #rest });
    }
    quote!(#errors #(#attrs)* #rest)
}
