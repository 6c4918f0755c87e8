//! The closure that the runtime runs: the user's body, and before it what the
//! body expects under the names of the parameters.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, FnArg, GenericArgument, Lifetime, Pat, PatIdent, PatType, Path,
    PathArguments, ReturnType, Signature, Token, Type, TypeInfer,
};

use super::Plan;
use super::runtime::Runtime;
use crate::args::Options;
use crate::item::Body;
use crate::span::{ends, ours};
use crate::validate::{Handle, Job, Kind, is_shared_reference};

/// The closure; `sig` is the signature as the user wrote it, `carried` a statement that it
/// begins with.
pub(super) fn closure(
    sig: &Signature,
    body: &Body,
    plan: &Plan,
    carried: Option<TokenStream>,
) -> TokenStream {
    let (parameter, mut lets) = parameter(plan);
    let mut lent = false;
    if plan.retried {
        for (index, input) in sig.inputs.iter().enumerate() {
            if let FnArg::Typed(typed) = input
                && index != plan.handle.index
                && let Some(rebound) = Rebound::of(index, typed, &plan.asked.options)
            {
                lets.push(rebound.binding(typed, &plan.runtime));
                lent |= rebound.mentioned;
            }
        }
    }
    lets.extend(carried);
    let output = output(&sig.output);
    let body = behind(lets.into_iter().collect(), "'__db_core_body", body);
    // A body that runs once may borrow: `db = self.db` leaves the rest of `self` to it. One
    // that runs again must not take what `db = shop.db` has borrowed.
    let capture = (plan.retried && !lent).then(|| Token![move](Span::mixed_site()));
    quote_spanned!(Span::mixed_site()=> #capture |#parameter| #output #body)
}

/// The body as the end of a block that begins with `statements`.
///
/// Its braces are the user's own and would be called superfluous where they
/// are the end of another block. Those of a labelled block are not; and a label
/// with an underscore need not be used.
pub(super) fn behind(statements: TokenStream, name: &str, body: &Body) -> TokenStream {
    if statements.is_empty() {
        return body.to_token_stream();
    }
    let here = Span::mixed_site();
    // With the user's span, or rustc does not take what it stands at for the user's code.
    let label = Lifetime::new(name, body.block.span());
    let mut block = Group::new(Delimiter::Brace, quote_spanned!(here=> #statements #label: #body));
    block.set_span(body.block.span());
    block.into_token_stream()
}

/// The closure's parameter, and the statement that turns it into what the user
/// asked for, if it is not that already.
fn parameter(plan: &Plan) -> (TokenStream, Vec<TokenStream>) {
    let Handle { kind, attrs, pat, path, and, mutability, .. } = &plan.handle;
    let span = ours(path.span());
    let effect = plan.runtime.effect(plan.retried, span);
    let here = Lifetime::new("'_", span);
    match (kind, plan.job) {
        (Kind::Connection, Job::Bare) => {
            (quote!(#(#attrs)* #pat: #and #mutability #path), Vec::new())
        }
        (Kind::Connection, job) => {
            let handle = Ident::new("__handle", Span::mixed_site());
            let ty = if job == Job::Write {
                let ty = plan.runtime.path(span, &["Writer"]);
                quote_spanned!(span=> #ty<#here, #effect>)
            } else {
                let ty = plan.runtime.path(span, &["Reader"]);
                quote_spanned!(span=> #ty<#here>)
            };
            let lent = quote_spanned!(span=> ::core::ops::Deref::deref(#handle));
            let bind =
                quote_spanned!(Span::mixed_site()=> #(#attrs)* let #pat: #and #path = #lent;);
            (quote_spanned!(span=> #handle: &#ty), vec![bind])
        }
        (Kind::Reader | Kind::Writer, _) => {
            let path = handle_path(&plan.handle, &here, &effect);
            (quote!(#(#attrs)* #pat: #and #path), Vec::new())
        }
    }
}

/// The user's path of the handle's type, with a lifetime, and with the effect
/// if they did not write one.
pub(super) fn handle_path(handle: &Handle, lifetime: &Lifetime, effect: &TokenStream) -> Path {
    let mut path = handle.path.clone();
    let span = lifetime.span();
    let mut args = vec![GenericArgument::Lifetime(lifetime.clone())];
    let written = handle.arguments().filter(|arg| !matches!(arg, GenericArgument::Lifetime(_)));
    args.extend(written.cloned());
    if args.len() == 1 && handle.kind == Kind::Writer {
        args.push(GenericArgument::Type(Type::Verbatim(effect.clone())));
    }
    if let Some(last) = path.segments.last_mut() {
        last.arguments = PathArguments::AngleBracketed(AngleBracketedGenericArguments {
            colon2_token: None,
            lt_token: Token![<](span),
            args: args.into_iter().collect(),
            gt_token: Token![>](span),
        });
    }
    path
}

/// The return type for the closure: what the user wrote, but a closure cannot
/// have an `impl Trait`; the compiler finds out what it is.
fn output(output: &ReturnType) -> ReturnType {
    let mut output = output.clone();
    Infer.visit_return_type_mut(&mut output);
    output
}

/// Puts `_` in the place of each `impl Trait`.
struct Infer;

impl VisitMut for Infer {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(any) = ty {
            let underscore_token = Token![_](any.impl_token.span);
            *ty = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token });
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}

/// A parameter of a body that may run again: each attempt starts from a copy.
pub(super) struct Rebound {
    /// The name that the function has for it.
    pub(super) outer: Ident,
    /// Whether an option of the attributes uses it by that name.
    mentioned: bool,
}

impl Rebound {
    /// How the parameter at `index` is passed to the attempts; `None` if they
    /// can use it as it is.
    pub(super) fn of(index: usize, typed: &PatType, options: &Options) -> Option<Self> {
        let mut mentioned = false;
        let outer = match &*typed.pat {
            // Nothing to hand on.
            Pat::Wild(_) => return None,
            Pat::Ident(PatIdent { by_ref: None, mutability: None, subpat: None, .. })
                if is_shared_reference(&typed.ty) =>
            {
                return None;
            }
            Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. })
                if options.mention(ident) =>
            {
                mentioned = true;
                ident.clone()
            }
            // Not if the user says that it is not used, as here it is.
            Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. })
                if !ident.to_string().starts_with('_') =>
            {
                ident.clone()
            }
            pat => Ident::new(&format!("__arg{index}"), ours(pat.span())),
        };
        Some(Self { outer, mentioned })
    }

    fn binding(&self, typed: &PatType, runtime: &Runtime) -> TokenStream {
        let PatType { attrs, pat, ty, .. } = typed;
        let value = if is_shared_reference(ty) {
            self.outer.to_token_stream()
        } else {
            again(&self.outer, ty, runtime)
        };
        // The body need not use what an option does.
        let used = self.mentioned.then(|| {
            let outer = &self.outer;
            quote_spanned!(Span::mixed_site()=> let _ = &#outer;)
        });
        quote_spanned!(Span::mixed_site()=> #(#attrs)* let #pat = #value; #used)
    }
}

/// The copy of a parameter for one attempt. A type that cannot be copied is to
/// blame, so that is where all of it is located.
fn again(name: &Ident, ty: &Type, runtime: &Runtime) -> TokenStream {
    let (start, end) = ends(ty);
    let mut name = name.clone();
    name.set_span(name.span().located_at(end));
    let function = runtime.path_between(start, end, &["__private", "again"]);
    let reference = quote_spanned!(start=> &);
    // Named once more, or rustc takes the type for an argument, and says to borrow it.
    let mut ty = ty.clone();
    Infer.visit_type_mut(&mut ty);
    quote_spanned!(end=> #function::<#ty>(#reference #name))
}
