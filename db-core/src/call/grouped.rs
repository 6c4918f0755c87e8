//! A call that writes, and may share its transaction with others.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;
use std::time::{Duration, Instant};

use super::write::{Attempt, attempt, retried};
use crate::access::WriteTo;
use crate::effect::Idempotent;
use crate::engine::{Callback, Engine, Followers, Member, Patience, Ran, Wait, WriteTx};
use crate::error::see::See;
use crate::error::{Classify, Error, Result, SqliteCode};
use crate::open_guard::Kind;
use crate::retry::{Deadline, RetryPolicy};
use crate::site::Site;
use crate::trace::Span;
use crate::watch::{Inside, Opener};
use crate::writer::Writer;

/// As [`write_retried`](super::write_retried); if it has to wait for its turn, its body may
/// run in a transaction with others, on the thread of one of them.
pub(crate) fn write_grouped<S, T, E, K>(
    to: &S,
    site: Site,
    timeout: Option<Duration>,
    policy: &RetryPolicy,
    body: impl Fn(&Writer<'_, Idempotent>) -> Result<T, E> + Send,
) -> Result<T, E>
where
    S: WriteTo<Idempotent> + ?Sized,
    T: Send,
    E: From<Error> + Classify<K> + Send + 'static,
{
    retried(to, site, timeout, policy, body, |engine, wait, see, body| {
        if stays_alone() || engine.options().max_group_size <= 1 {
            attempt(engine, wait, see, &*body)
        } else {
            grouped_attempt(engine, wait, see, body)
        }
    })
}

/// Whether the caller's thread is to run no other's body, nor the other way round: it may
/// hold what they need, or it is unwinding, and what a body does by that would be wrong.
fn stays_alone() -> bool {
    Inside::anything() || thread::panicking()
}

fn grouped_attempt<B, T, E>(
    engine: &Engine,
    wait: &Wait,
    see: See<E>,
    body: &mut B,
) -> Attempt<T, E>
where
    B: Fn(&Writer<'_, Idempotent>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send + 'static,
{
    loop {
        let mut call = Call {
            body: &mut *body,
            see,
            opener: Opener::new(Kind::Writer, wait.site).in_span(&wait.span),
            span: &wait.span,
            began: None,
            patience: Patience::after(wait, wait.began),
            outcome: Outcome::None,
            settled: None,
        };
        match WriteTx::begin_or_lend(engine, wait, &mut call) {
            Err(error) => return Attempt::Engine(error),
            Ok(Some(mut tx)) => {
                // First in its transaction: it needs no savepoint, and its failure is
                // nobody else's.
                match call.run_body(&tx) {
                    Ok(value) => call.outcome = Outcome::Value(value, Vec::new()),
                    Err(error) => return Attempt::Body(tx.explain(error, see, wait.site)),
                }
                if let Some(patience) = tx.take_patience() {
                    call.patience = *patience;
                }
                let followers = tx.lead(&mut call);
                let disk = call.wait_for_disk(engine, Some(followers));
                return call.end(disk);
            }
            Ok(None) => {
                if let Some(began) = call.began {
                    wait.waited_for_threads(began);
                    engine.note_wait(wait);
                    call.patience = Patience::after(wait, began);
                }
            }
        }
        if call.settled.is_some() {
            let disk = call.wait_for_disk(engine, None);
            return call.end(disk);
        }
        // Taken, and let go: its group was lost, and there was no time to run it alone.
    }
}

/// A call, on the stack of its caller, while it may be another thread's to run.
struct Call<'b, B, T, E> {
    body: &'b mut B,
    see: See<E>,
    opener: Opener,
    /// Its caller's, on whatever thread it runs.
    span: &'b Span,
    began: Option<Instant>,
    patience: Patience,
    outcome: Outcome<T, E>,
    /// The outcome is final, and on the disk with the commit of that number, if any.
    settled: Option<Option<u64>>,
}

enum Outcome<T, E> {
    None,
    Value(T, Vec<Callback>),
    Body(E),
    Engine(Error),
    Panic(Box<dyn Any + Send>),
}

impl<B, T, E> Call<'_, B, T, E> {
    fn run_body(&self, tx: &WriteTx<'_>) -> Result<T, E>
    where
        B: Fn(&Writer<'_, Idempotent>) -> Result<T, E>,
    {
        let run = || (self.body)(&Writer::joined(tx));
        let site = self.opener.site();
        self.span.in_scope(|| tx.engine().options().faults.in_body(site, run))
    }

    /// Waits for what it rests on, whatever it came to. Tells the followers of its group
    /// when that is on the disk, or the first of them would wait no longer.
    fn wait_for_disk(&self, engine: &Engine, followers: Option<Followers>) -> Result<()> {
        let Some(Some(commit)) = self.settled else { return Ok(()) };
        let now = Instant::now();
        if let Some(mut followers) = followers {
            let until = followers.patience(now).earlier(self.patience.end(now));
            engine.await_disk(commit, until);
        }
        engine.wait_for_disk_since(now, self.opener.site(), commit, &self.patience)
    }

    fn end(self, disk: Result<()>) -> Attempt<T, E> {
        match (self.outcome, disk) {
            (Outcome::Value(value, callbacks), Ok(())) => Attempt::Done(value, callbacks),
            (Outcome::Value(..), Err(error)) | (Outcome::Engine(error), _) => {
                Attempt::Engine(error)
            }
            (Outcome::Body(error), _) => Attempt::Body(error),
            (Outcome::Panic(payload), _) => resume_unwind(payload),
            (Outcome::None, _) => unreachable!("settled after its body has run"),
        }
    }

    /// Puts another outcome in the place of the one there is, whose end may panic: what a
    /// body returned or registered is the user's. Then that is the outcome.
    fn replace(&mut self, outcome: impl FnOnce(&mut Self) -> Outcome<T, E>) {
        let replaced = catch_unwind(AssertUnwindSafe(|| {
            drop(mem::replace(&mut self.outcome, Outcome::None));
            outcome(self)
        }));
        self.outcome = replaced.unwrap_or_else(Outcome::Panic);
    }
}

impl<B, T, E> Member for Call<'_, B, T, E>
where
    B: Fn(&Writer<'_, Idempotent>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send + 'static,
{
    fn opener(&self) -> &Opener {
        &self.opener
    }

    fn begin(&mut self, now: Instant) {
        self.began = Some(now);
    }

    fn patience(&self, committed: Instant) -> Deadline {
        self.patience.end(committed)
    }

    fn run(&mut self, tx: &WriteTx<'_>) -> Ran {
        let mut ran = Ran::Failed;
        self.replace(|call| match call.run_body(tx) {
            Ok(value) => {
                ran = Ran::Kept;
                Outcome::Value(value, Vec::new())
            }
            Err(error) => {
                let code = (call.see)(&error).and_then(SqliteCode::find);
                if code.is_some_and(|code| code.is_circumstance()) {
                    ran = Ran::Spoiled;
                }
                Outcome::Body(tx.explain(error, call.see, call.opener.site()))
            }
        });
        ran
    }

    fn keep(&mut self, callbacks: Vec<Callback>) {
        if let Outcome::Value(_, kept) = &mut self.outcome {
            *kept = callbacks;
        }
    }

    fn undo(&mut self, callbacks: Vec<Callback>) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(callbacks))) {
            self.replace(|_| Outcome::Panic(payload));
        }
    }

    fn fail(&mut self, error: Error) {
        self.replace(|_| Outcome::Engine(error));
    }

    fn shared_by(&mut self, calls: usize) {
        self.span.shared_by(calls);
    }

    fn settle(&mut self, commit: Option<u64>) {
        self.settled = Some(commit);
    }
}
