//! What to write instead of a type that is no handle.

use syn::{
    GenericArgument, GenericParam, PatType, Path, PathArguments, Signature, Type, TypeParamBound,
    WherePredicate,
};

use super::super::signature::is_known_other;
use super::super::{Job, plain_type};
use super::{Kind, is_handle, wanted};

pub(super) fn wrong_type(job: Job, typed: &PatType, sig: &Signature) -> String {
    let wanted = wanted(job);
    let handle = wanted.split_once(' ').map_or(wanted, |(_, ty)| ty);
    let inner = borrowed(&typed.ty);
    if let Some((bound, param)) = source(inner, sig) {
        return match job {
            Job::Bare => {
                let (attr, ty) =
                    if bound == "ReadFrom" { ("reader", "Reader") } else { ("writer", "Writer") };
                format!(
                    "this is not a connection: write `&Connection`, or add `#[{attr}]` and take `&{ty}`"
                )
            }
            Job::Read | Job::Write => {
                let without = param.map_or(String::new(), |param| format!(", without `{param}`"));
                format!("write `{handle}`{without}: the attribute makes it generic for callers")
            }
        };
    }
    let (name, is_wrapped) = innermost(&typed.ty);
    match name.as_deref() {
        Some("Database") if job == Job::Bare => {
            "a `Database` is not a connection: add `#[writer]` and take `&Writer`, or `#[reader]` and `&Reader`".to_owned()
        }
        Some("Database") => format!("write `{handle}`: callers still pass a `&Database`"),
        Some("Transaction" | "Savepoint") if job == Job::Bare => {
            "inside a transaction a retry repeats nothing: take `&mut Connection` and begin the transaction in the body"
                .to_owned()
        }
        Some("Transaction" | "Savepoint") => {
            format!("the attribute opens and ends the transaction: write `{handle}`")
        }
        Some(name @ ("Reader" | "Writer" | "Connection")) if is_wrapped => {
            format!("the handle stands alone: write `&{name}`")
        }
        Some(name @ ("Reader" | "Writer" | "Connection")) => {
            format!("the handle is only lent to the body: write `&{name}`")
        }
        _ if sig.inputs.iter().any(is_handle) => {
            "the handle comes first: move it before this parameter".to_owned()
        }
        _ if is_borrowed_name(&typed.ty) => {
            format!("an attribute knows the handle by its name: write `{handle}`, or put `{wanted}` before this")
        }
        _ => format!("add `{wanted}` before this parameter: it is the way to the database"),
    }
}

fn borrowed(ty: &Type) -> &Type {
    match plain_type(ty) {
        Type::Reference(reference) => plain_type(&reference.elem),
        other => other,
    }
}

/// The trait of ours that a type is only known to have, and the type parameter that
/// it is.
fn source(ty: &Type, sig: &Signature) -> Option<(&'static str, Option<String>)> {
    match ty {
        Type::ImplTrait(any) => Some((in_bounds(&any.bounds)?, None)),
        Type::TraitObject(object) => Some((in_bounds(&object.bounds)?, None)),
        Type::Path(path) => {
            let param = path.path.get_ident()?;
            let declared = sig.generics.params.iter().find_map(|known| match known {
                GenericParam::Type(known) if known.ident == *param => Some(&known.bounds),
                _ => None,
            })?;
            let clause = sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
            let more = clause.filter_map(|predicate| match predicate {
                WherePredicate::Type(bound) => match plain_type(&bound.bounded_ty) {
                    Type::Path(bounded) if bounded.path.is_ident(param) => Some(&bound.bounds),
                    _ => None,
                },
                _ => None,
            });
            let found = std::iter::once(declared).chain(more).find_map(in_bounds)?;
            Some((found, Some(param.to_string())))
        }
        _ => None,
    }
}

fn in_bounds<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Option<&'static str> {
    bounds.into_iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = &bound.path.segments.last()?.ident;
        ["ReadFrom", "WriteTo"].into_iter().find(|ours| last == ours)
    })
}

/// The name of the type that is left without references and wrappers such as
/// `Option`, and whether there were more of them than one reference.
fn innermost(ty: &Type) -> (Option<String>, bool) {
    let mut ty = borrowed(ty);
    let mut is_wrapped = false;
    loop {
        ty = match plain_type(ty) {
            Type::Reference(reference) => &reference.elem,
            Type::Path(path) => match only_argument(&path.path) {
                Some(inner) => inner,
                None => {
                    let last = path.path.segments.last();
                    return (last.map(|last| last.ident.to_string()), is_wrapped);
                }
            },
            _ => return (None, is_wrapped),
        };
        is_wrapped = true;
    }
}

/// The `T` of `Wrapper<T>`, if this is no type of ours or of rusqlite's.
fn only_argument(path: &Path) -> Option<&Type> {
    let last = path.segments.last()?;
    let PathArguments::AngleBracketed(given) = &last.arguments else {
        return None;
    };
    if Kind::of(path).is_some() {
        return None;
    }
    let mut types = given.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.next().filter(|_| types.next().is_none())
}

/// Whether this is a reference to a type that may be a handle under another name.
fn is_borrowed_name(ty: &Type) -> bool {
    let Type::Reference(reference) = plain_type(ty) else {
        return false;
    };
    match plain_type(&reference.elem) {
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| !is_known_other(&last.ident))
        }
        _ => false,
    }
}
