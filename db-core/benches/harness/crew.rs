//! Workers in processes of their own: this program run again. They are kept between
//! slices, told on stdin when a slice begins and ends, and answer on stdout.

use std::env;
use std::io::{BufRead, BufReader, Write, stdin};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::{Mode, Slice, Work, work};

/// The first argument of a process that is a member of a crew.
const MEMBER: &str = "--member";

/// What a member is told when it is started.
pub struct Member {
    pub contender: String,
    pub mode: Mode,
    pub path: PathBuf,
    pub threads: usize,
}

impl Member {
    /// In a process that was started as a member of a crew: what it is to be.
    pub fn here() -> Option<Self> {
        let mut words = env::args_os().skip(1);
        if words.next()? != MEMBER {
            return None;
        }
        let contender = words.next()?.into_string().ok()?;
        let mode = Mode::named(words.next()?.to_str()?)?;
        let path = words.next()?.into();
        let threads = words.next()?.to_str()?.parse().ok()?;
        Some(Self { contender, mode, path, threads })
    }

    /// Works in each slice it is told of, until there are no more.
    pub fn serve(&self, once: impl Fn(usize, u32) -> Instant + Sync) {
        println!("ready");
        for line in stdin().lines().map_while(Result::ok) {
            let (begin, length) = line.split_once(' ').unwrap();
            let [begin, length] = [begin, length].map(|n| Duration::from_nanos(n.parse().unwrap()));
            // The clock of the day is the one that all processes have in common. Who
            // hears of it late has a shorter slice, and ends with the others.
            let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            let end = Instant::now() + (begin + length).saturating_sub(today);
            let begin = end.checked_sub(length).unwrap();
            let once = &once;
            let works = thread::scope(|scope| {
                let start = |n| scope.spawn(move || work(begin, end, |sku| once(n, sku)));
                let threads: Vec<_> = (0..self.threads).map(start).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            println!("{}", works.iter().map(written).collect::<Vec<_>>().join(";"));
        }
    }
}

/// How many were done; then each wait, and after a `|` each hold, in nanoseconds.
fn written(work: &Work) -> String {
    let mut line = work.done.to_string();
    let mut all = |times: &[Duration]| {
        for time in times {
            line.push_str(&format!(" {}", time.as_nanos()));
        }
        line.push_str(" |");
    };
    all(&work.waits);
    all(&work.holds);
    line
}

fn parsed(line: &str) -> Work {
    let mut parts = line.split('|').map(|part| {
        part.split_whitespace().map(|word| word.parse::<u64>().unwrap()).collect::<Vec<_>>()
    });
    let (waits, holds) = (parts.next().unwrap(), parts.next().unwrap());
    let (done, waits) = waits.split_first().unwrap();
    let times = |times: &[u64]| times.iter().copied().map(Duration::from_nanos).collect();
    Work { done: *done, waits: times(waits), holds: times(&holds) }
}

/// Processes of one contender. Dropping them ends them.
pub struct Crew(Vec<(Child, ChildStdin, BufReader<ChildStdout>)>);

impl Crew {
    /// Starts `size` processes that will be this contender, and waits until each is
    /// ready to work.
    pub fn start(size: usize, threads: usize, contender: &str, mode: Mode, path: &Path) -> Self {
        let mut crew = Self(
            (0..size)
                .map(|_| {
                    let mut child = Command::new(env::current_exe().unwrap())
                        .args([MEMBER, contender, mode.name()])
                        .arg(path)
                        .arg(threads.to_string())
                        .stdin(Stdio::piped())
                        .stdout(Stdio::piped())
                        .spawn()
                        .unwrap();
                    let (stdin, stdout) =
                        (child.stdin.take().unwrap(), child.stdout.take().unwrap());
                    (child, stdin, BufReader::new(stdout))
                })
                .collect(),
        );
        assert!(crew.answers().iter().all(|answer| answer == "ready"));
        crew
    }

    /// Lets all of them work for `length`.
    pub fn slice(&mut self, length: Duration) -> Slice {
        let today = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        // Time enough to tell them all.
        let begin = today + Duration::from_millis(20);
        for (_child, stdin, _stdout) in &mut self.0 {
            writeln!(stdin, "{} {}", begin.as_nanos(), length.as_nanos()).unwrap();
        }
        let answers = self.answers();
        let workers = answers.iter().flat_map(|line| line.split(';')).map(parsed).collect();
        Slice { length, workers }
    }

    fn answers(&mut self) -> Vec<String> {
        let answer = |(_, _, stdout): &mut (_, _, BufReader<ChildStdout>)| {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "a process has ended");
            line.trim_end().to_owned()
        };
        self.0.iter_mut().map(answer).collect()
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for (mut child, stdin, _stdout) in self.0.drain(..) {
            drop(stdin);
            let _ = child.wait();
        }
    }
}
