//! The first parameter: the handle through which the body reaches the database.
//!
//! Its last path segment decides, as a macro cannot know what a name stands
//! for; the user's own path goes on into the expansion, where the compiler
//! checks that it is the type it looks like.

mod effect;
mod wrong;

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, GenericArgument, Lifetime, Pat, PatType, Path, PathArguments, Receiver,
    ReceiverKind, Signature, Token, Type, TypeReference,
};

use super::{Job, plain_type};
use crate::diag::{Diag, Hole};
use wrong::wrong_type;

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

/// Looks at the first parameter and at what it must be. A function that nobody calls,
/// for which that is the mistake, is not asked for one.
pub(super) fn check(
    job: Job,
    retried: bool,
    is_called: bool,
    sig: &Signature,
    diag: &Diag,
) -> First {
    let Some((index, typed)) = first(&sig.inputs) else {
        if is_called {
            missing(job, sig, diag);
        }
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
    effect::arguments(&mut handle, job, retried, sig, diag);
    First::Handle(Box::new(handle))
}

/// Says that there is no first parameter.
fn missing(job: Job, sig: &Signature, diag: &Diag) {
    let (name, wanted) = (&sig.ident, wanted(job));
    let begin = format!("`{name}` has no way to the database");
    match sig.receiver() {
        Some(receiver) => {
            let message = format!("{begin}: add `{wanted}` after `{}`", shown(receiver));
            diag.error(receiver, message);
        }
        None => {
            let message = format!("{begin}: write `{wanted}` as its first parameter");
            diag.error_at(sig.paren_token.span.join(), message);
        }
    }
}

fn shown(receiver: &Receiver) -> &'static str {
    match receiver.kind {
        ReceiverKind::Reference(_, _, None) => "&self",
        ReceiverKind::Reference(_, _, Some(_)) => "&mut self",
        _ => "self",
    }
}

/// Handles besides the first, in the place of whose types the errors stand.
pub(super) fn others(first: &First, sig: &Signature, diag: &Diag) -> Vec<(usize, Hole)> {
    let First::Handle(handle) = first else {
        return Vec::new();
    };
    let rest = sig.inputs.iter().enumerate().skip(handle.index + 1);
    let others = rest.filter_map(|(index, input)| {
        let FnArg::Typed(typed) = input else {
            return None;
        };
        let (_, path) = borrowed_path(typed)?;
        // A connection may be of another database.
        Kind::of(path).filter(|kind| *kind != Kind::Connection)?;
        let message =
            "a function has one handle: remove this one, or take `&impl ReadFrom` for another database";
        Some((index, diag.hole(&typed.ty, message)))
    });
    others.collect()
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

/// Whether this kind of handle goes with the attributes.
fn fits(job: Job, kind: Kind, reference: &TypeReference, diag: &Diag) {
    let message = match (job, kind) {
        (Job::Read, Kind::Writer) => {
            "a reader cannot write: write `#[writer]` instead, or `&Reader` if it only reads"
        }
        (Job::Write, Kind::Reader) => {
            "a writer needs a `&Writer`: write that, or `#[reader]` instead of `#[writer]`"
        }
        (Job::Bare, Kind::Reader) => {
            "a `&Reader` comes from `#[reader]`: add it next to `#[retry_on_locked]`, under its own name"
        }
        (Job::Bare, Kind::Writer) => {
            "a `&Writer` comes from `#[writer]`: add it next to `#[retry_on_locked]`, under its own name"
        }
        (Job::Read, Kind::Reader) | (Job::Write, Kind::Writer) | (_, Kind::Connection) => {
            if reference.mutability.is_some() && (job, kind) != (Job::Bare, Kind::Connection) {
                let name = kind.name();
                // What people borrow it mutably for.
                let without = if job == Job::Write { " and remove `transaction()`" } else { "" };
                let message = format!(
                    "the handle is shared, its transaction is already open: write `&{name}`{without}"
                );
                diag.error(reference, message);
            }
            return;
        }
    };
    diag.error(reference, message);
}
