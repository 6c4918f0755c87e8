//! A subscriber that keeps what it is told: spans with their fields, parents and threads,
//! and events.
//!
//! It is the whole program's, as threads of db-core's own tell it things too. Each test
//! works in a [`Scene`], which is a span of its own, and sees what came about inside of it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, Once};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The fields of a span or an event; of one that was recorded twice the last value.
#[derive(Clone, Debug, Default)]
pub struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    #[track_caller]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    #[track_caller]
    pub fn number(&self, name: &str) -> u64 {
        self.text(name).parse().unwrap()
    }

    #[track_caller]
    pub fn micros(&self, name: &str) -> Duration {
        Duration::from_micros(self.number(name))
    }

    pub fn names(&self) -> Vec<&str> {
        self.0.keys().copied().collect()
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

/// A span.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: usize,
    pub parent: Option<usize>,
    pub name: &'static str,
    pub target: &'static str,
    pub level: Level,
    pub fields: Fields,
    /// The thread of each time that it was entered.
    pub entered: Vec<ThreadId>,
    /// How often it is entered and not left.
    pub inside: isize,
    pub closed: bool,
}

/// An event.
#[derive(Clone, Debug)]
pub struct Said {
    pub message: String,
    pub target: &'static str,
    pub level: Level,
    pub fields: Fields,
    /// The span that it is in.
    pub span: Option<usize>,
    pub thread: ThreadId,
}

#[derive(Debug)]
struct Log {
    spans: Vec<Told>,
    events: Vec<Said>,
}

static LOG: Mutex<Log> = Mutex::new(Log { spans: Vec::new(), events: Vec::new() });

/// The number of a span, in what the registry keeps of it.
struct Number(usize);

/// The layer. What a span holds is looked up while [`LOG`] is not locked.
pub struct Recorder;

impl Recorder {
    fn change<S>(id: &Id, ctx: &Context<'_, S>, change: impl FnOnce(&mut Told))
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let number = number(ctx.span(id));
        let mut log = log();
        change(&mut log.spans[number.expect("every span has a number")]);
    }
}

fn log() -> MutexGuard<'static, Log> {
    // A test that has failed is no other's concern.
    LOG.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn number<'a, S: LookupSpan<'a>>(
    span: Option<tracing_subscriber::registry::SpanRef<'a, S>>,
) -> Option<usize> {
    span?.extensions().get::<Number>().map(|number| number.0)
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let span = ctx.span(id).expect("it is new");
        let parent = number(span.parent());
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let about: &'static Metadata<'static> = attributes.metadata();
        let mut log = log();
        let id = log.spans.len();
        log.spans.push(Told {
            id,
            parent,
            name: about.name(),
            target: about.target(),
            level: *about.level(),
            fields,
            entered: Vec::new(),
            inside: 0,
            closed: false,
        });
        drop(log);
        span.extensions_mut().insert(Number(id));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        Self::change(id, &ctx, |span| values.record(&mut span.fields));
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let span = number(ctx.event_span(event));
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.0.remove("message").unwrap_or_default();
        let about = event.metadata();
        let (target, level) = (about.target(), *about.level());
        let thread = thread::current().id();
        log().events.push(Said { message, target, level, fields, span, thread });
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        Self::change(id, &ctx, |span| {
            span.entered.push(thread::current().id());
            span.inside += 1;
        });
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        Self::change(id, &ctx, |span| span.inside -= 1);
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        Self::change(&id, &ctx, |span| span.closed = true);
    }
}

/// All events so far.
pub fn events() -> Vec<Said> {
    log().events.clone()
}

/// What a test does, apart from the others that run at the same time.
pub struct Scene {
    span: tracing::Span,
    id: usize,
}

impl Scene {
    pub fn new() -> Self {
        static INSTALLED: Once = Once::new();
        static SCENES: AtomicUsize = AtomicUsize::new(0);
        INSTALLED.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(Recorder);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let scene = SCENES.fetch_add(1, Ordering::Relaxed);
        let span = tracing::info_span!("scene", scene);
        let is_it = |told: &&Told| {
            told.name == "scene" && told.fields.get("scene") == Some(&scene.to_string())
        };
        let id = log().spans.iter().find(is_it).expect("it was told of").id;
        Self { span, id }
    }

    /// Runs something in it; on each thread anew.
    pub fn run<T>(&self, run: impl FnOnce() -> T) -> T {
        self.span.in_scope(run)
    }

    /// The span that stands for it.
    pub fn id(&self) -> usize {
        self.id
    }

    /// The spans in it, in the order in which they began.
    pub fn spans(&self) -> Vec<Told> {
        let log = log();
        let mut parents = log.spans.iter();
        let mut inside = Vec::new();
        // A parent comes before its children.
        let is_inside = |told: &&Told| {
            let found = told.parent == Some(self.id)
                || told.parent.is_some_and(|parent| inside.contains(&parent));
            if found {
                inside.push(told.id);
            }
            found
        };
        parents.by_ref().filter(is_inside).cloned().collect()
    }

    /// Those of db-core.
    pub fn calls(&self) -> Vec<Told> {
        self.spans().into_iter().filter(|span| span.target == "db_core").collect()
    }

    /// The only call there was.
    #[track_caller]
    pub fn call(&self) -> Told {
        let calls = self.calls();
        let [call] = &calls[..] else { panic!("{} calls: {calls:#?}", calls.len()) };
        call.clone()
    }

    /// The events in it and in its spans.
    pub fn events(&self) -> Vec<Said> {
        let mut places: Vec<_> = self.spans().iter().map(|span| span.id).collect();
        places.push(self.id);
        let is_inside = |said: &Said| said.span.is_some_and(|span| places.contains(&span));
        events().into_iter().filter(is_inside).collect()
    }

    /// Those that say `message`.
    pub fn said(&self, message: &str) -> Vec<Said> {
        self.events().into_iter().filter(|said| said.message == message).collect()
    }

    /// The only one that says so.
    #[track_caller]
    pub fn one(&self, message: &str) -> Said {
        let said = self.said(message);
        let [one] = &said[..] else { panic!("{message:?}: {said:#?} of {:#?}", self.events()) };
        one.clone()
    }
}
