//! The lane under the model checkers of `threads`: the source of `queue`, and an
//! observer of a lane (`watched`), each compiled over both checkers.

#![expect(clippy::duplicate_mod, reason = "the very source is to be compiled over each checker")]

mod exhaustive;
mod random;
