//! The shared sync under the model checkers of `threads`: the source of `shared`, and
//! an observer of it and of its disk (`watched`), each compiled over both checkers.

#![expect(clippy::duplicate_mod, reason = "the very source is to be compiled over each checker")]

mod exhaustive;
mod random;
