//! The one call of the runtime that an expansion consists of.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Expr, ReturnType, Signature};

use super::body::closure;
use super::runtime::Runtime;
use super::{Plan, signature};
use crate::args::bare;
use crate::item::Body;
use crate::span::{ends, ours};
use crate::validate::Job;

/// The call; `sig` is the signature as the user wrote it.
pub(super) fn call(sig: &Signature, body: &Body, plan: &Plan) -> TokenStream {
    let here = Span::mixed_site();
    let options = &plan.asked.options;
    let name = match (plan.job, plan.retried) {
        (Job::Read, false) => "read",
        (Job::Read, true) => "read_retried",
        (Job::Write, false) => "write",
        (Job::Write, true) => "write_retried",
        (Job::Bare, _) if plan.handle.mutability.is_some() => "retry_mut",
        (Job::Bare, _) => "retry",
    };
    let mut arguments = vec![from(plan), site(sig, &plan.runtime)];
    match plan.job {
        Job::Read => {
            let name = if options.autocommit.is_some() { "Autocommit" } else { "Snapshot" };
            arguments.push(plan.runtime.path(here, &["__private", name]));
        }
        Job::Write => arguments.push(match &options.timeout {
            Some(timeout) => {
                let timeout = &timeout.value;
                quote_spanned!(here=> ::core::option::Option::Some(#timeout))
            }
            None => quote_spanned!(here=> ::core::option::Option::None),
        }),
        Job::Bare => {}
    }
    if plan.retried {
        arguments.push(policy(plan));
    }
    arguments.push(closure(sig, body, plan));
    let (start, end) = blamed(sig);
    if !plan.retried {
        // A retried function's error is known to be one that can be looked into.
        let look = plan.runtime.path_between(start, end, &["__private", "look"]);
        let error = quote_spanned!(end=> __error);
        let look = quote_spanned!(end=> #look!(#error));
        arguments.push(quote_spanned!(start=> |#error| #look));
    }
    let callee = plan.runtime.path_between(start, end, &["__private", name]);
    let arguments = quote_spanned!(here=> #(#arguments,)*);
    quote_spanned!(end=> #callee(#arguments))
}

/// Where the call is located: at the user's return type, as what the runtime
/// asks for and does not get is what that type must provide.
fn blamed(sig: &Signature) -> (Span, Span) {
    match &sig.output {
        ReturnType::Type(_, ty) => ends(ty),
        ReturnType::Default => (Span::call_site(), Span::call_site()),
    }
}

/// What the transaction is opened on.
fn from(plan: &Plan) -> TokenStream {
    let Some(db) = &plan.asked.options.db else {
        return signature::handle_name(&plan.handle.pat).to_token_stream();
    };
    let expr = &db.value.0;
    let (start, end) = ends(expr);
    let reference = quote_spanned!(ours(start)=> &);
    match bare(expr) {
        Expr::Reference(written) if written.mutability.is_none() => expr.to_token_stream(),
        Expr::Path(_)
        | Expr::Field(_)
        | Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Macro(_)
        | Expr::Try(_)
        | Expr::Index(_)
        | Expr::Paren(_) => quote!(#reference #expr),
        _ => quote_spanned!(ours(end)=> #reference (#expr)),
    }
}

/// Who calls: the function's name and where it stands.
fn site(sig: &Signature, runtime: &Runtime) -> TokenStream {
    let name = sig.ident.unraw().to_string();
    let here = Span::mixed_site();
    // The runtime notes where this is called. With the span of the function's name
    // that is the function's own line, not the attribute's.
    let place = sig.ident.span();
    let new = runtime.path(place, &["__private", "Site", "new"]);
    let name = quote_spanned!(here=> ::core::concat!(::core::module_path!(), "::", #name));
    quote_spanned!(place=> #new(#name))
}

fn policy(plan: &Plan) -> TokenStream {
    let here = Span::mixed_site();
    let options = &plan.asked.options;
    let attempts = match &options.max_attempts {
        Some(count) => count.value.to_token_stream(),
        None => quote_spanned!(here=> 3u32),
    };
    let new = plan.runtime.path(here, &["RetryPolicy", "attempts"]);
    let mut policy = quote_spanned!(here=> #new(#attempts));
    if let Some(delay) = &options.base_delay {
        let delay = &delay.value;
        policy.extend(quote_spanned!(here=> .base_delay(#delay)));
    }
    if let Some(delay) = &options.max_delay {
        let delay = &delay.value;
        policy.extend(quote_spanned!(here=> .max_delay(#delay)));
    }
    if options.jitter.is_some() {
        policy.extend(quote_spanned!(here=> .jitter(true)));
    }
    if let Some(deadline) = &options.deadline {
        let deadline = &deadline.value;
        policy.extend(quote_spanned!(here=> .deadline(#deadline)));
    }
    quote_spanned!(here=> &#policy)
}
