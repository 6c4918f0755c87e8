//! A process that is stopped, as by a debugger or Ctrl-Z: it lives and holds what it
//! has, but does nothing. Whoever waits for it gives up by the deadline and says who it
//! was, and all go on when it does.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use db_core::{Database, Error, Result, Writer, writer};
use tempfile::TempDir;

use super::common::{PATIENCE, Process, make_file, names, wait_until};
use super::{ms, options};

/// How long the others wait for their turn.
const TIMEOUT: Duration = ms(300);

/// Ample for a wait that should end by [`TIMEOUT`].
const SOON: Duration = Duration::from_secs(3);

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

/// Is told to go on when it has the turn.
#[writer]
fn add_slowly(db: &Writer, name: &str) -> Result<()> {
    add(db, name)?;
    Process::say("holder: inside");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    Ok(())
}

/// A process that stays inside a body until it is told to go on.
#[test]
fn holder() {
    let Some(path) = Process::role() else { return };
    let db = options().open(path).unwrap();
    add_slowly(&db, "held").unwrap();
    Process::say("holder: done");
}

/// A process that asks for a turn when it is told to, and says how that went.
#[test]
fn asker() {
    let Some(path) = Process::role() else { return };
    let db = options().writer_timeout(TIMEOUT).open(path).unwrap();
    Process::say("asker: ready");
    for name in std::io::stdin().lines().map_while(Result::ok) {
        match gives_up_in_time(&db, &name) {
            None => Process::say("asker: written"),
            Some(error) => Process::say(&format!("asker: {error}")),
        }
    }
}

/// A process that waits in the queue for as long as it takes.
#[test]
fn queuer() {
    let Some(path) = Process::role() else { return };
    let db = options().writer_timeout(PATIENCE).busy_timeout(PATIENCE).open(path).unwrap();
    thread::scope(|scope| {
        let queued = scope.spawn(|| add(&db, "queued"));
        wait_until("it waits", || db.stats().waiting == 1);
        Process::say("queuer: waits");
        queued.join().unwrap().unwrap();
    });
    Process::say("queuer: done");
}

/// Writes, or waits for its time, and not for much longer; then, the error.
fn gives_up_in_time(db: &Database, name: &str) -> Option<Error> {
    let asked = Instant::now();
    let error = add(db, name).err()?;
    let waited = asked.elapsed();
    assert!(matches!(error, Error::WriterTimeout(_)), "{error}");
    assert!(waited >= TIMEOUT && waited < TIMEOUT + SOON, "gave up after {waited:?}: {error}");
    Some(error)
}

/// Sends a signal by its name.
fn signal(name: &str, process: &Process) {
    let mut kill = Command::new("kill");
    let sent = kill.arg(format!("-{name}")).arg(process.id().to_string()).status().unwrap();
    assert!(sent.success(), "kill -{name}");
}

/// Whether there is a command that sends signals.
fn signals() -> bool {
    let mut kill = Command::new("kill");
    let there = kill.arg("-l").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        println!("skipped: there is no `kill` here");
    }
    there
}

/// A file, and somebody in this process and in three others who asks for turns.
struct Askers {
    here: Database,
    others: Vec<Process>,
    path: PathBuf,
    _folder: TempDir,
}

impl Askers {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        make_file(&path);
        let here = options().writer_timeout(TIMEOUT).open(&path).unwrap();
        let others: Vec<_> = (0..3).map(|_| Process::again("stopped::asker", &path)).collect();
        for other in &others {
            assert_eq!(other.hear("asker: ").as_deref(), Some("ready"));
        }
        Self { here, others, path, _folder: folder }
    }

    /// All ask at once; what each was told, `written` or its error.
    fn ask(&mut self, name: &str) -> Vec<String> {
        for other in &mut self.others {
            other.tell(name);
        }
        let error = gives_up_in_time(&self.here, name);
        let here = error.map_or("written".to_owned(), |error| error.to_string());
        let other = |other: &Process| other.hear("asker: ").expect("it lives, and waited in time");
        self.others.iter().map(other).chain([here]).collect()
    }
}

/// What everybody was told who asked while the holder was stopped in its body.
fn told_while_the_holder_is_stopped() -> Option<(u32, Vec<String>)> {
    if !signals() {
        return None;
    }
    let mut askers = Askers::start();
    let mut holder = Process::again("stopped::holder", &askers.path);
    assert_eq!(holder.hear("holder: ").as_deref(), Some("inside"));
    signal("STOP", &holder);
    // It can't hear this now.
    holder.tell("go on");
    let told = askers.ask("late");
    assert!(told.iter().all(|told| told != "written"), "{told:?}");
    assert_eq!(names(&askers.path), [""; 0]);

    signal("CONT", &holder);
    assert_eq!(holder.hear("holder: ").as_deref(), Some("done"));
    assert_eq!(askers.ask("after"), ["written"; 4]);
    assert_eq!(names(&askers.path), ["held", "after", "after", "after", "after"]);
    Some((holder.id(), told))
}

#[test]
fn a_process_stopped_in_its_body_is_waited_for_in_bounds_and_all_go_on_after() {
    told_while_the_holder_is_stopped();
}

#[test]
fn a_process_stopped_in_its_body_is_named_by_its_number() {
    let Some((id, told)) = told_while_the_holder_is_stopped() else { return };
    let id = id.to_string();
    for told in told {
        let numbers = || told.split(|c: char| !c.is_ascii_digit());
        assert!(numbers().any(|number| number == id), "no process {id} in: {told}");
    }
}

/// A stopped process may be the next whose turn it is. Then the others wait for it, in
/// bounds, or pass it; but nobody hangs, and nothing is lost.
#[test]
fn a_process_stopped_in_the_queue_is_waited_for_in_bounds_and_all_go_on_after() {
    if !signals() {
        return;
    }
    let mut askers = Askers::start();
    let holder = askers.here.writer().unwrap();
    let queuer = Process::again("stopped::queuer", &askers.path);
    assert_eq!(queuer.hear("queuer: ").as_deref(), Some("waits"));
    signal("STOP", &queuer);
    holder.commit().unwrap();
    let told = askers.ask("meanwhile");
    let meanwhile = told.iter().filter(|told| *told == "written").count();

    signal("CONT", &queuer);
    assert_eq!(queuer.hear("queuer: ").as_deref(), Some("done"));
    assert_eq!(askers.ask("after"), ["written"; 4]);
    assert_eq!(names(&askers.path).len(), meanwhile + 1 + 4);
}
