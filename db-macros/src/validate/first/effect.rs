//! What stands between the angle brackets of the handle's type.

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, Signature, Type};

use super::super::{Job, plain_type};
use super::{Handle, Kind};
use crate::diag::Diag;

/// Looks at what the user wrote between the angle brackets of the type.
pub(super) fn arguments(
    handle: &mut Handle,
    job: Job,
    retried: bool,
    sig: &Signature,
    diag: &Diag,
) {
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
