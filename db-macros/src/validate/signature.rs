//! What the signature must look like, whatever the first parameter is.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{
    Attribute, FnArg, GenericArgument, PathArguments, PathSegment, Receiver, ReceiverKind,
    ReturnType, Safety, Signature, Type,
};

use super::{First, Job};
use crate::diag::{Diag, Hole};
use crate::item::Function;

/// A type without the invisible groups of a `macro_rules!` and without
/// parentheses.
pub(crate) fn plain_type(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            other => return other,
        };
    }
}

/// `&T`, which an attempt can use without using it up.
pub(crate) fn is_shared_reference(ty: &Type) -> bool {
    matches!(plain_type(ty), Type::Reference(reference) if reference.mutability.is_none())
}

/// Refuses functions that nobody calls with a handle; `false` for these.
pub(super) fn called(job: Job, function: &Function, diag: &Diag) -> bool {
    let (handle, source, attribute) = match job {
        Job::Read => ("db", "open a `Database`", "call a `#[reader]`"),
        Job::Write => ("db", "open a `Database`", "call a `#[writer]`"),
        Job::Bare => ("conn", "open a `Connection`", "call a function that has this attribute"),
    };
    let is_test =
        |attr: &&Attribute| attr.path().segments.last().is_some_and(|last| last.ident == "test");
    if let Some(test) = function.attrs.iter().find(is_test) {
        let message =
            format!("a test has no caller to pass `{handle}`: {source} in it and {attribute}");
        diag.error(test.path(), message);
        return false;
    }
    let name = &function.sig.ident;
    if name == "main" {
        let message =
            format!("`main` has no caller to pass `{handle}`: {source} in it and {attribute}");
        diag.error(name, message);
        return false;
    }
    true
}

/// Refuses the kinds of function that cannot wrap their body in a closure.
pub(super) fn modifiers(sig: &Signature, diag: &Diag) {
    if let Some(constness) = &sig.constness {
        diag.error(constness, "a `const fn` cannot use a database: remove `const`");
    }
    if let Some(asyncness) = &sig.asyncness {
        diag.error(
            asyncness,
            "an `async fn` is not supported yet: remove `async` and `.await`, and call it in `spawn_blocking`",
        );
    }
    if let Safety::Unsafe(unsafety) = &sig.safety {
        diag.error(
            unsafety,
            "an `unsafe fn` cannot be annotated: remove `unsafe` and write `unsafe` blocks in the body",
        );
    }
    if let Some(abi) = &sig.abi {
        diag.error(
            abi,
            "an `extern` function cannot be annotated: annotate a plain one and call it from here",
        );
    }
    if let Some(variadic) = &sig.variadic {
        diag.error(
            variadic,
            "a variadic function cannot be annotated: take a slice instead of `...`",
        );
    }
}

/// Refuses parameters that one attempt would use up or change for the next.
pub(super) fn repeatable(sig: &Signature, first: &First, diag: &Diag) {
    for (index, input) in sig.inputs.iter().enumerate() {
        match input {
            FnArg::Receiver(receiver) => repeatable_receiver(receiver, diag),
            // The connection of a bare function is handed to each attempt, and
            // what is wrong with a first parameter was said already.
            FnArg::Typed(_) if first.index() == Some(index) => {}
            FnArg::Typed(typed) => {
                if is_exclusive(&typed.ty) {
                    diag.error(
                        &typed.ty,
                        "a retried body cannot take `&mut`: a failed attempt's changes would stay; return the result instead",
                    );
                }
            }
        }
    }
}

/// `&mut T`, or an `Option` of one.
fn is_exclusive(ty: &Type) -> bool {
    match plain_type(ty) {
        Type::Reference(reference) => reference.mutability.is_some(),
        Type::Path(path) => match path.path.segments.last() {
            Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(given) })
                if ident == "Option" =>
            {
                let mut given = given.args.iter();
                given.any(|given| matches!(given, GenericArgument::Type(ty) if is_exclusive(ty)))
            }
            _ => false,
        },
        _ => false,
    }
}

fn repeatable_receiver(receiver: &Receiver, diag: &Diag) {
    let by_value =
        "a retried body may run more than once: take `&self`, and clone what it gives away";
    let exclusive = "a retried body cannot take `&mut self`: a failed attempt's changes would stay; take `&self` and return the result";
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => {}
        ReceiverKind::Reference(_, _, Some(_)) => diag.error(receiver, exclusive),
        ReceiverKind::Typed(_, ty) => match plain_type(ty) {
            Type::Reference(reference) if reference.mutability.is_none() => {}
            Type::Reference(_) => diag.error(receiver, exclusive),
            _ => diag.error(receiver, by_value),
        },
        _ => diag.error(receiver, by_value),
    }
}

/// Refuses a return type that cannot be a `Result` at a glance. What an alias
/// stands for only the compiler knows; the runtime's traits refuse that.
pub(super) fn returns(sig: &Signature, runtime: &str, diag: &Diag) -> Option<Hole> {
    let result = format!("{runtime}::Result");
    match &sig.output {
        ReturnType::Default => {
            let name = &sig.ident;
            let message = format!(
                "`{name}` must return a `Result`, as a lock can fail it: write `-> {result}<()>`, and `Ok(())` at the end"
            );
            Some(diag.hole(name, message))
        }
        ReturnType::Type(_, ty) if can_be_result(ty) => None,
        ReturnType::Type(_, ty) => {
            let written = ty.to_token_stream().to_string();
            let message = match plain_type(ty) {
                Type::ImplTrait(_) => {
                    format!(
                        "`impl Trait` hides whether it is a `Result`: write `{result}<impl ..>`"
                    )
                }
                Type::Tuple(unit) if unit.elems.is_empty() => format!(
                    "`()` has no room for a lock error: write `{result}<()>`, and `Ok(())` at the end"
                ),
                Type::Never(_) => {
                    format!("`!` has no room for a lock error: write `{result}<()>`")
                }
                Type::Path(_) if written.len() <= 24 => {
                    let written = written.replace(' ', "");
                    format!("`{written}` has no room for a lock error: write `{result}<{written}>`")
                }
                _ => format!(
                    "this type has no room for a lock error: write `{result}<..>` around it"
                ),
            };
            Some(diag.hole(ty, message))
        }
    }
}

fn can_be_result(ty: &Type) -> bool {
    match plain_type(ty) {
        Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
            Some(last) if path.path.segments.len() == 1 => !is_known_other(&last.ident),
            Some(last) => last.ident != "Option",
            None => false,
        },
        // A projection, a macro, or syntax of a later Rust.
        Type::Path(_) | Type::Macro(_) | Type::Verbatim(_) => true,
        _ => false,
    }
}

/// Types of the prelude, which nobody would give to an alias of `Result`.
pub(super) fn is_known_other(name: &Ident) -> bool {
    const OTHERS: [&str; 22] = [
        "bool", "char", "str", "String", "Option", "Vec", "Box", "i8", "i16", "i32", "i64", "i128",
        "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64", "Self",
    ];
    OTHERS.iter().any(|other| name == other)
}
