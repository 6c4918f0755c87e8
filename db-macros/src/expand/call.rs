//! The one call of the runtime that an expansion consists of.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Expr, ReturnType, Signature};

use super::body::closure;
use super::runtime::Runtime;
use super::{Plan, crossing, signature};
use crate::args::{Given, Length, bare};
use crate::item::Body;
use crate::span::ends;
use crate::validate::Job;

/// The call; `sig` is the signature as the user wrote it.
pub(super) fn call(sig: &Signature, body: &Body, plan: &Plan) -> TokenStream {
    let here = Span::mixed_site();
    let options = &plan.asked.options;
    let name = match (plan.job, plan.retried) {
        (Job::Read, false) => "read",
        (Job::Read, true) => "read_retried",
        (Job::Write, false) => "write",
        (Job::Write, true) if plan.is_grouped() => "write_grouped",
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
            Some(Given { value: Length::Expr(timeout), .. }) => {
                let (start, end) = ends(timeout);
                let within = plan.runtime.path_between(start, end, &["__private", "within"]);
                quote_spanned!(end=> #within(#timeout))
            }
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
    let (checks, carried) = crossing::checks(sig, plan).unzip();
    arguments.push(closure(sig, body, plan, carried));
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
    let call = quote_spanned!(end=> #callee(#arguments));
    quote!(#checks #call)
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
    // At the user's own place: what is no database is this expression, not the attribute.
    let reference = quote_spanned!(start=> &);
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
        _ => quote_spanned!(end=> #reference (#expr)),
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
    // Each call is located at its argument, which is to blame if it is of another type.
    let (start, end) = ends(&attempts);
    let new = plan.runtime.path_between(start, end, &["RetryPolicy", "attempts"]);
    let mut policy = quote_spanned!(end=> #new(#attempts));
    let mut set = |name: &str, value: TokenStream| {
        let (start, end) = ends(&value);
        let name = Ident::new(name, start);
        policy.extend(quote_spanned!(end=> .#name(#value)));
    };
    if let Some(delay) = &options.base_delay {
        set("base_delay", delay.value.to_token_stream());
    }
    if let Some(delay) = &options.max_delay {
        set("max_delay", delay.value.to_token_stream());
    }
    if options.jitter.is_some() {
        set("jitter", quote_spanned!(here=> true));
    }
    if let Some(deadline) = &options.deadline {
        set("deadline", deadline.value.to_token_stream());
    }
    quote_spanned!(here=> &#policy)
}
