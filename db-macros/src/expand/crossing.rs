//! What a body of a group takes along to another caller's thread: each parameter is
//! checked at its own type, so that it is what the compiler blames.
//!
//! The closure as a whole is checked as well, by the runtime's bound, and would be refused a
//! second time. So it carries the result of the checks: for a parameter that is refused that
//! has no type, and the compiler says nothing of a closure of which it does not know all.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{FnArg, Pat, PatIdent, Receiver, ReceiverKind, Signature, Type, TypeImplTrait};

use super::Plan;
use super::body::Rebound;
use super::runtime::Runtime;
use crate::span::ends;

/// The statement that stands before the call, and that in the body by which the closure
/// takes the result along. `sig` is the signature as the user wrote it.
pub(super) fn checks(sig: &Signature, plan: &Plan) -> Option<(TokenStream, TokenStream)> {
    if !plan.is_grouped() {
        return None;
    }
    let mut checks = TokenStream::new();
    for (index, input) in sig.inputs.iter().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                let name = receiver.self_token.to_token_stream();
                let ty = receiver_type(receiver);
                checks.extend(check(name, receiver, ty.as_ref(), &plan.runtime));
            }
            FnArg::Typed(_) if index == plan.handle.index => {}
            FnArg::Typed(typed) => {
                let name = match (Rebound::of(index, typed, &plan.asked.options), &*typed.pat) {
                    (Some(rebound), _) => rebound.outer,
                    (None, Pat::Ident(PatIdent { ident, .. })) => ident.clone(),
                    (None, _) => continue,
                };
                let ty = (!is_unnamed(&typed.ty)).then_some(&*typed.ty);
                checks.extend(check(name.into_token_stream(), &typed.ty, ty, &plan.runtime));
            }
        }
    }
    if checks.is_empty() {
        return None;
    }
    let here = Span::mixed_site();
    let name = Ident::new("__checked", here);
    Some((quote_spanned!(here=> let #name = (#checks);), quote_spanned!(here=> let _ = &#name;)))
}

/// The type of `&self`, and of a `self` with a type.
fn receiver_type(receiver: &Receiver) -> Option<Type> {
    match &receiver.kind {
        ReceiverKind::Typed(_, ty) => Some((**ty).clone()),
        ReceiverKind::Reference(and, ..) => {
            let own = Ident::new("Self", receiver.self_token.span);
            Some(Type::Verbatim(quote_spanned!(and.span=> &#own)))
        }
        _ => None,
    }
}

/// Two calls at one place: the first has our words for what is wrong, and the second, of
/// which the same is wrong, the result. rustc says it once.
fn check(
    name: TokenStream,
    blamed: impl ToTokens,
    ty: Option<&Type>,
    runtime: &Runtime,
) -> TokenStream {
    let (start, end) = ends(blamed);
    let at_end = |mut tree: TokenTree| {
        tree.set_span(tree.span().located_at(end));
        tree
    };
    let name: TokenStream = name.into_iter().map(at_end).collect();
    let reference = quote_spanned!(start=> &);
    let ty = ty.map(|ty| quote_spanned!(end=> ::<#ty>));
    let call = |function| {
        let function = runtime.path_between(start, end, &["__private", function]);
        quote_spanned!(end=> #function #ty(#reference #name),)
    };
    let (said, result) = (call("group_runs_on_another_thread"), call("checked"));
    quote_spanned!(end=> #said #result)
}

/// Whether it has an `impl Trait`, which can't be written where it is not a parameter.
fn is_unnamed(ty: &Type) -> bool {
    struct Unnamed(bool);

    impl VisitMut for Unnamed {
        fn visit_type_impl_trait_mut(&mut self, _: &mut TypeImplTrait) {
            self.0 = true;
        }
    }

    let mut unnamed = Unnamed(false);
    unnamed.visit_type_mut(&mut ty.clone());
    unnamed.0
}
