//! The signature that callers see.

use proc_macro2::Ident;
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, Pat, PatIdent, PatType, Signature, Type};

use super::Plan;
use super::body::{Rebound, handle_path};
use super::runtime::Runtime;
use crate::span::{ends, ours};
use crate::validate::{Handle, Job, Kind};

/// Rewrites the signature of a function with a body.
pub(super) fn definition(sig: &mut Signature, plan: &Plan) {
    let handle = &plan.handle;
    if plan.retried {
        for (index, input) in sig.inputs.iter_mut().enumerate() {
            if let FnArg::Typed(typed) = input
                && index != handle.index
                && let Some(rebound) = Rebound::of(index, typed, &plan.asked.options)
            {
                typed.attrs.retain(is_conditional);
                *typed.pat = plain(rebound.outer);
            }
        }
    }
    rewrite(sig, plan, |typed| {
        // Where the body's own pattern binds, its attributes belong.
        typed.attrs.clear();
        *typed.pat = plain(handle_name(&handle.pat));
    });
}

/// Rewrites the signature of a trait's method that has no body.
pub(super) fn declaration(sig: &mut Signature, plan: &Plan) {
    rewrite(sig, plan, |_| {});
    mention(sig, &plan.handle, plan.job, &plan.runtime);
}

/// Gives the handle its type for callers, or takes it away from them.
fn rewrite(sig: &mut Signature, plan: &Plan, change: impl FnOnce(&mut PatType)) {
    let handle = &plan.handle;
    if plan.asked.options.db.is_some() {
        return remove(sig, handle.index);
    }
    let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(handle.index) else {
        return;
    };
    if let Some(ty) = callers_type(handle, plan.job, plan.retried, &plan.runtime) {
        *typed.ty = ty;
    }
    change(typed);
}

pub(super) fn remove(sig: &mut Signature, index: usize) {
    let inputs = std::mem::take(&mut sig.inputs);
    let kept = inputs.into_iter().enumerate().filter(|(at, _)| *at != index);
    sig.inputs = kept.map(|(_, input)| input).collect();
}

/// What callers pass for the handle. `None` for a bare function, where it is
/// what the user wrote.
pub(super) fn callers_type(
    handle: &Handle,
    job: Job,
    retried: bool,
    runtime: &Runtime,
) -> Option<Type> {
    // At the handle's type, which the error of a wrong caller points to.
    let (start, end) = ends(&handle.path);
    let bound = match (handle.kind, job) {
        (Kind::Reader, _) | (Kind::Connection, Job::Read) => {
            runtime.path_between(start, end, &["ReadFrom"])
        }
        (Kind::Writer, _) | (Kind::Connection, Job::Write) => {
            let name = runtime.path_between(start, end, &["WriteTo"]);
            let effect = runtime.effect(retried, end);
            quote_spanned!(end=> #name<#effect>)
        }
        (Kind::Connection, Job::Bare) => return None,
    };
    let Handle { and, lifetime, .. } = handle;
    Some(Type::Verbatim(quote_spanned!(start=> #and #lifetime impl #bound)))
}

/// What the handle is called in the signature: as the user called it, but not
/// the same variable. So the body's own of that name shadows nothing, and is
/// not in use if the user says that it is not. Names with two underscores are
/// left to us, so that no two of ours are the same.
pub(super) fn handle_name(pat: &Pat) -> Ident {
    match pat {
        Pat::Ident(bound) if !bound.ident.to_string().starts_with("__") => {
            let mut name = bound.ident.clone();
            name.set_span(ours(name.span()));
            name
        }
        _ => Ident::new("__db", ours(pat.span())),
    }
}

/// A pattern that is just a name.
pub(super) fn plain(ident: Ident) -> Pat {
    Pat::Ident(PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident, subpat: None })
}

/// Whether an attribute decides that its parameter is there.
fn is_conditional(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// Adds a bound that is always met and names the handle's type, so that the
/// user's import of it is in use where there is no body that names it.
pub(super) fn mention(sig: &mut Signature, handle: &Handle, job: Job, runtime: &Runtime) {
    // A qualified path needs no import, and a bare function names its type.
    if handle.path.segments.len() > 1 || job == Job::Bare && handle.kind == Kind::Connection {
        return;
    }
    let span = ours(handle.path.span());
    let lifetime = syn::Lifetime::new("'__call", span);
    let sized = quote_spanned!(span=> ::core::marker::Sized);
    let predicate = match handle.kind {
        Kind::Connection => {
            let path = &handle.path;
            quote_spanned!(span=> #path: #sized)
        }
        Kind::Reader | Kind::Writer => {
            let path = handle_path(handle, &lifetime, &runtime.effect(false, span));
            quote_spanned!(span=> for<#lifetime> #path: #sized)
        }
    };
    if let Ok(predicate) = syn::parse2(predicate) {
        sig.generics.make_where_clause().predicates.push(predicate);
    }
}
