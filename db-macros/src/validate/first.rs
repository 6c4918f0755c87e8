//! The first parameter: the handle through which the body reaches the database.
//!
//! Its last path segment decides, as a macro cannot know what a name stands
//! for; the user's own path goes on into the expansion, where the compiler
//! checks that it is the type it looks like.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, GenericArgument, Lifetime, Pat, PatType, Path, PathArguments, Signature,
    Token, Type, TypeParamBound, TypeReference,
};

use super::{Job, plain_type};
use crate::diag::{Diag, Hole};

/// What the first parameter after `self` turned out to be.
pub(crate) enum First {
    Handle(Box<Handle>),
    /// Of a type that is of no use here.
    Wrong {
        index: usize,
        hole: Hole,
    },
    /// There is none.
    Missing,
}

/// A first parameter that the body can work through.
pub(crate) struct Handle {
    /// Its place among the parameters, `self` included.
    pub(crate) index: usize,
    pub(crate) kind: Kind,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) pat: Pat,
    pub(crate) and: Token![&],
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) mutability: Option<Token![mut]>,
    /// The type as the user named it.
    pub(crate) path: Path,
    /// The type parameter that the user gave it for an effect. Set only in a
    /// function with that mistake; it is then no longer in `path`.
    pub(crate) generic_effect: Option<Ident>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Reader,
    Writer,
    Connection,
}

impl First {
    pub(crate) fn index(&self) -> Option<usize> {
        match self {
            Self::Handle(handle) => Some(handle.index),
            Self::Wrong { index, .. } => Some(*index),
            Self::Missing => None,
        }
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Reader => "Reader",
            Self::Writer => "Writer",
            Self::Connection => "Connection",
        }
    }

    fn of(path: &Path) -> Option<Self> {
        let last = &path.segments.last()?.ident;
        [Self::Reader, Self::Writer, Self::Connection].into_iter().find(|kind| last == kind.name())
    }
}

impl Handle {
    /// The arguments that the user gave to the handle's type.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &GenericArgument> {
        let last = self.path.segments.last();
        let arguments = last.and_then(|last| match &last.arguments {
            PathArguments::AngleBracketed(given) => Some(given.args.iter()),
            _ => None,
        });
        arguments.into_iter().flatten()
    }
}

/// What kind of handle the first parameter looks like.
pub(super) fn kind_of(sig: &Signature) -> Option<Kind> {
    let (_, typed) = first(&sig.inputs)?;
    let (_, path) = borrowed_path(typed)?;
    Kind::of(path)
}

fn is_handle(input: &FnArg) -> bool {
    let FnArg::Typed(typed) = input else {
        return false;
    };
    borrowed_path(typed).is_some_and(|(_, path)| Kind::of(path).is_some())
}

/// Looks at the first parameter and at what it must be.
pub(super) fn check(job: Job, retried: bool, sig: &Signature, diag: &Diag) -> First {
    let wanted = wanted(job);
    let Some((index, typed)) = first(&sig.inputs) else {
        let name = &sig.ident;
        let message =
            format!("`{name}` has no way to the database: write `{wanted}` as its first parameter");
        diag.error_at(sig.paren_token.span.join(), message);
        return First::Missing;
    };
    if let Some(cfg) = typed.attrs.iter().find(|attr| attr.path().is_ident("cfg")) {
        let message = "this parameter cannot come and go: put the `#[cfg]` on two whole functions";
        diag.error(cfg, message);
    }
    let (reference, path) = match borrowed_path(typed) {
        Some(found) => found,
        None => {
            let hole = diag.hole(&typed.ty, wrong_type(job, typed, sig));
            return First::Wrong { index, hole };
        }
    };
    let Some(kind) = Kind::of(path) else {
        let hole = diag.hole(&typed.ty, wrong_type(job, typed, sig));
        return First::Wrong { index, hole };
    };
    fits(job, kind, reference, diag);
    let mut handle = Handle {
        index,
        kind,
        attrs: typed.attrs.clone(),
        pat: (*typed.pat).clone(),
        and: reference.and_token,
        lifetime: reference.lifetime.clone(),
        mutability: reference.mutability,
        path: path.clone(),
        generic_effect: None,
    };
    arguments(&mut handle, job, retried, sig, diag);
    First::Handle(Box::new(handle))
}

fn first(inputs: &Punctuated<FnArg, Token![,]>) -> Option<(usize, &PatType)> {
    inputs.iter().enumerate().find_map(|(index, input)| match input {
        FnArg::Typed(typed) => Some((index, typed)),
        FnArg::Receiver(_) => None,
    })
}

const fn wanted(job: Job) -> &'static str {
    match job {
        Job::Read => "db: &Reader",
        Job::Write => "db: &Writer",
        Job::Bare => "conn: &Connection",
    }
}

fn borrowed_path(typed: &PatType) -> Option<(&TypeReference, &Path)> {
    let Type::Reference(reference) = plain_type(&typed.ty) else {
        return None;
    };
    match plain_type(&reference.elem) {
        Type::Path(path) if path.qself.is_none() => Some((reference, &path.path)),
        _ => None,
    }
}

/// What to write instead of a type that is no handle.
fn wrong_type(job: Job, typed: &PatType, sig: &Signature) -> String {
    let handle = wanted(job);
    let handle = handle.split_once(' ').map_or(handle, |(_, ty)| ty);
    let inner = match plain_type(&typed.ty) {
        Type::Reference(reference) => plain_type(&reference.elem),
        other => other,
    };
    let bounds = match inner {
        Type::ImplTrait(any) => Some(&any.bounds),
        _ => None,
    };
    let expanded = bounds.into_iter().flatten().any(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return false;
        };
        let last = bound.path.segments.last();
        last.is_some_and(|last| last.ident == "WriteTo" || last.ident == "ReadFrom")
    });
    if expanded {
        // Another attribute has been here, and did not know this one's alias.
        return match job {
            Job::Bare => "an attribute above did not see this one: import it under its own name, `retry_on_locked`".to_owned(),
            Job::Read | Job::Write => format!("write `{handle}`: the attribute makes it `impl ..` for callers"),
        };
    }
    let name = match inner {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    };
    match name.as_deref() {
        Some("Database") if job != Job::Bare => {
            format!("write `{handle}`: callers still pass a `&Database`")
        }
        Some("Transaction" | "Savepoint") if job == Job::Bare => {
            "inside a transaction a retry repeats nothing: retry around it, with `&Connection`"
                .to_owned()
        }
        Some("Transaction" | "Savepoint") => {
            format!("the attribute opens and ends the transaction: write `{handle}`")
        }
        Some("Reader" | "Writer" | "Connection") => {
            let name = name.unwrap_or_default();
            format!("the handle is only lent to the body: write `&{name}`")
        }
        _ if sig.inputs.iter().any(is_handle) => {
            "the handle comes first: move it before this parameter".to_owned()
        }
        _ => format!("add `db: {handle}` before this parameter: it is the way to the database"),
    }
}

/// Whether this kind of handle goes with the attributes.
fn fits(job: Job, kind: Kind, reference: &TypeReference, diag: &Diag) {
    let message = match (job, kind) {
        (Job::Read, Kind::Writer) => {
            "a reader cannot write: write `&Reader`, or `#[writer]` instead of `#[reader]`"
        }
        (Job::Write, Kind::Reader) => {
            "a writer needs a `&Writer`: write that, or `#[reader]` instead of `#[writer]`"
        }
        (Job::Bare, Kind::Reader) => {
            "a `&Reader` comes from `#[reader]`: add it next to `#[retry_on_locked]`"
        }
        (Job::Bare, Kind::Writer) => {
            "a `&Writer` comes from `#[writer]`: add it next to `#[retry_on_locked]`"
        }
        (Job::Read, Kind::Reader) | (Job::Write, Kind::Writer) | (_, Kind::Connection) => {
            if reference.mutability.is_some() && (job, kind) != (Job::Bare, Kind::Connection) {
                let name = kind.name();
                let message = format!(
                    "the handle is shared, its transaction is already open: write `&{name}`"
                );
                diag.error(reference, message);
            }
            return;
        }
    };
    diag.error(reference, message);
}

/// Looks at what the user wrote between the angle brackets of the type.
fn arguments(handle: &mut Handle, job: Job, retried: bool, sig: &Signature, diag: &Diag) {
    if handle.kind == Kind::Connection {
        return;
    }
    let name = handle.kind.name();
    let mut generic = None;
    for argument in handle.arguments() {
        match argument {
            GenericArgument::Lifetime(lifetime) if lifetime.ident != "_" => {
                let message = format!(
                    "the handle lives as long as the call: write `&{name}`, without `{lifetime}`"
                );
                diag.error(lifetime, message);
            }
            GenericArgument::Type(effect) if job == Job::Write => {
                generic = check_effect(effect, retried, sig, diag);
            }
            _ => {}
        }
    }
    if generic.is_some() {
        handle.generic_effect = generic;
        if let Some(last) = handle.path.segments.last_mut() {
            last.arguments = PathArguments::None;
        }
    }
}

/// The effect is decided by the attributes; written out, it must agree. Returns
/// the type parameter that stands for it, which is a mistake.
fn check_effect(effect: &Type, retried: bool, sig: &Signature, diag: &Diag) -> Option<Ident> {
    let Type::Path(path) = plain_type(effect) else {
        return None;
    };
    let last = path.path.segments.last()?;
    if let Some(param) = path.path.get_ident()
        && sig.generics.type_params().any(|known| known.ident == *param)
    {
        let message = format!(
            "the attributes decide the effect, not the caller: write `&Writer`, without `{param}`"
        );
        diag.error(effect, message);
        return Some(param.clone());
    }
    if retried && last.ident == "Once" {
        let message = "this body may run again: write `&Writer`, or remove `#[retry_on_locked]`";
        diag.error(effect, message);
    } else if !retried && last.ident == "Idempotent" {
        let message =
            "this body runs once: write `&Writer`, or add `#[retry_on_locked(idempotent)]`";
        diag.error(effect, message);
    }
    None
}
