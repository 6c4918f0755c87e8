//! What a function with a mistake becomes, beside the errors: a function of the
//! same name that its callers can go on calling.
//!
//! Invariant: a mistake gives its own error and no other. The body is kept with
//! a handle of the type it was written for, so it is checked and an editor
//! completes in it, but nothing of the runtime is called. A type that the
//! mistake leaves unknown is a [`Hole`](crate::diag::Hole).

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{FnArg, GenericParam, Lifetime, ReturnType, Signature, Type, TypeTuple, WherePredicate};

use super::body::{behind, handle_path};
use super::runtime::Runtime;
use super::{item, signature};
use crate::args::Asked;
use crate::diag::Hole;
use crate::item::Function;
use crate::span::ours;
use crate::validate::{Checked, First, Handle, Job, Kind, REFUSED, plain_type};

pub(super) fn function(mut function: Function, checked: Checked, asked: &Asked) -> TokenStream {
    let Checked { job, retried, declared, is_called, first, others, returns } = checked;
    let sig = &mut function.sig;
    // What was refused about the function itself.
    sig.constness = None;
    sig.abi = None;
    sig.variadic = None;
    if let Some(hole) = returns {
        let (arrow, element) = match &sig.output {
            ReturnType::Type(arrow, ty) => (*arrow, element(ty)),
            ReturnType::Default => (syn::Token![->](Span::mixed_site()), unit()),
        };
        let ty = Type::Verbatim(hole.into_type(element));
        sig.output = ReturnType::Type(arrow, Box::new(ty));
    }
    for (index, hole) in others {
        fill(sig, index, hole);
    }
    let mut binding = None;
    match first {
        First::Missing => {}
        First::Wrong { index, hole } => {
            fill(sig, index, hole);
        }
        First::Handle(handle) => {
            if let Some(param) = &handle.generic_effect {
                without(sig, param);
            }
            let outer = if is_called {
                callers(sig, &handle, job, retried, asked)
            } else {
                signature::remove(sig, handle.index);
                None
            };
            if function.body.is_none() {
                signature::mention(sig, &handle, job, &Runtime::new(asked));
            }
            binding = bind(&handle, job, retried && declared, outer, asked, sig);
        }
    }
    let body = function.body.take().map(|body| {
        let inner = &body.inner;
        let statements = quote_spanned!(Span::mixed_site()=> #(#inner)* #binding);
        behind(statements, REFUSED, &body)
    });
    item(&function, body)
}

/// Puts the hole in the place of a parameter's type.
fn fill(sig: &mut Signature, index: usize, hole: Hole) {
    if let Some(FnArg::Typed(typed)) = sig.inputs.get_mut(index) {
        let hole = hole.into_type(element(&typed.ty));
        *typed.ty = Type::Verbatim(hole);
    }
}

/// Removes a type parameter, which without the handle nothing would decide.
fn without(sig: &mut Signature, param: &Ident) {
    let params = std::mem::take(&mut sig.generics.params);
    let kept = params.into_iter().filter(|known| match known {
        GenericParam::Type(known) => known.ident != *param,
        _ => true,
    });
    sig.generics.params = kept.collect();
    if let Some(clause) = &mut sig.generics.where_clause {
        let predicates = std::mem::take(&mut clause.predicates);
        let kept = predicates.into_iter().filter(|predicate| match predicate {
            WherePredicate::Type(bound) => {
                !matches!(&bound.bounded_ty, Type::Path(path) if path.path.is_ident(param))
            }
            _ => true,
        });
        clause.predicates = kept.collect();
    }
}

/// Makes the signature what it would be without the mistake, and says under
/// which name the body's function then has what callers pass.
fn callers(
    sig: &mut Signature,
    handle: &Handle,
    job: Job,
    retried: bool,
    asked: &Asked,
) -> Option<TokenStream> {
    if asked.options.db.is_some() {
        signature::remove(sig, handle.index);
        return None;
    }
    let FnArg::Typed(typed) = sig.inputs.get_mut(handle.index)? else {
        return None;
    };
    *typed.ty = signature::callers_type(handle, job, retried, &Runtime::new(asked))?;
    let name = signature::handle_name(&handle.pat);
    // Its attributes and its pattern go with the body's binding.
    typed.attrs.clear();
    *typed.pat = signature::plain(name.clone());
    Some(name.to_token_stream())
}

/// The statement that gives the body a handle of the type it was written for.
/// It is never run, and no lint calls what follows it unreachable.
fn bind(
    handle: &Handle,
    job: Job,
    idempotent: bool,
    outer: Option<TokenStream>,
    asked: &Asked,
    sig: &Signature,
) -> Option<TokenStream> {
    let Handle { attrs, pat, and, mutability, path, .. } = handle;
    let span = ours(Span::call_site());
    let runtime = Runtime::new(asked);
    let here = Lifetime::new("'_", span);
    let effect = runtime.effect(idempotent, span);
    let mut named = None;
    let path = match handle.kind {
        Kind::Connection if job == Job::Bare => return None,
        Kind::Connection => path.to_token_stream(),
        // What the body calls is for a writer, as its attribute says.
        Kind::Reader if job == Job::Write => {
            let reader = handle_path(handle, &here, &effect);
            named = Some(quote_spanned!(span=> let _: ::core::option::Option<&#reader>;));
            let writer = runtime.path(span, &["Writer"]);
            quote_spanned!(span=> #writer<#here, #effect>)
        }
        Kind::Reader | Kind::Writer => handle_path(handle, &here, &effect).to_token_stream(),
    };
    // In use, as far as the compiler's lints are concerned.
    let used = outer.or_else(|| {
        let db = asked.options.db.as_ref().filter(|db| db.value.lone_self(sig).is_none())?;
        let expr = &db.value.0;
        Some(quote_spanned!(span=> &(#expr)))
    });
    let used = used.map(|used| quote_spanned!(span=> let _ = #used;));
    Some(quote_spanned! {span=>
        #(#attrs)* let #pat: #and #mutability #path = {
            #used
            #named
            ::core::option::Option::unwrap(::core::option::Option::None)
        };
    })
}

/// A type to fill a hole with. Keeps the user's type in use, if it is one that
/// an array can have.
fn element(ty: &Type) -> Type {
    match plain_type(ty) {
        // `dyn` of a trait of ours would be an error by itself.
        Type::Reference(reference)
            if matches!(plain_type(&reference.elem), Type::TraitObject(_)) =>
        {
            unit()
        }
        Type::Path(_)
        | Type::Reference(_)
        | Type::ImplTrait(_)
        | Type::Ptr(_)
        | Type::FnPtr(_)
        | Type::Array(_) => ty.clone(),
        _ => unit(),
    }
}

fn unit() -> Type {
    Type::Tuple(TypeTuple {
        attrs: Vec::new(),
        paren_token: syn::token::Paren::default(),
        elems: syn::punctuated::Punctuated::new(),
    })
}
