//! Whether there is a backup, how old the newest is, and whether it can be used.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use db_core::{BackupFile, Backups, FindingKind, IntegrityCheck};

use super::{Check, Level, place};
use crate::args::Doctor;
use crate::exit::Status;
use crate::failure::Failure;
use crate::human::{bytes, time, typed};
use crate::look::{Kind, Look};
use crate::open::{self, Reading};
use crate::verify;

const NAME: &str = "backups";

/// How the advice calls a backup that it does not know: see [`Failure`].
const UNKNOWN: &str = "db-core restore BACKUP ";

/// Adds what is to be said of the folder, and names the backup where that is advised.
pub(super) fn add(checks: &mut Vec<Check>, look: &Look, folder: &Path, args: &Doctor) {
    let all = if folder.is_dir() {
        Backups::in_folder(folder, &look.path)
            .list()
            .map_err(|error| Check::new(Level::Problem, NAME, error.to_string()))
    } else {
        let what = format!("{} is no folder", folder.display());
        Err(Check::new(Level::Problem, NAME, what).advise("check the path given with --backups"))
    };
    let all = match all {
        Ok(all) => all,
        Err(check) => return checks.push(check),
    };
    let place = place_of_new(look, folder);
    let make = format!("make one: db-core backup {} {}", typed(&look.path), typed(&place));
    let Some(newest) = all.first() else {
        let what = format!("{} holds no backup of {}", folder.display(), look.path.display());
        return checks.push(Check::new(Level::Problem, NAME, what).advise(make));
    };
    let tried = tried(newest, args);
    let is_bad = matches!(tried, Err(ref failure) if is_of_the_file(failure));
    let good = if is_bad {
        let older = &mut all[1..].iter();
        older.find(|file| self::tried(file, args).is_ok())
    } else {
        Some(newest)
    };
    if let Some(good) = good {
        if look.kind == Kind::Empty && !look.is_emptied() {
            checks.retain(|check| check.name != place::FILE);
            checks.push(emptied(look, good));
        }
        let known = format!("db-core restore {} ", typed(&good.path));
        for line in checks.iter_mut().flat_map(|check| &mut check.advice) {
            *line = line.replace(UNKNOWN, &known);
        }
    }
    let check = of_newest(newest, tried, args);
    let make = if is_bad && newest.path == place { make + " --replace" } else { make };
    checks.push(match (check.level, good) {
        (Level::Problem, Some(good)) if is_bad => {
            let age = time(age(good));
            let older = format!("the newest that can: {}, {age} old", good.path.display());
            check.advise(make).advise(older)
        }
        (Level::Problem, _) => check.advise(make),
        _ => check,
    });
}

/// A name for a backup that is not the database's own.
fn place_of_new(look: &Look, folder: &Path) -> PathBuf {
    let place = folder.join(look.path.file_name().unwrap_or_default());
    if !open::is_same(&place, &look.path) {
        return place;
    }
    let mut name = look.path.file_stem().unwrap_or_default().to_owned();
    name.push("-backup.db");
    folder.join(name)
}

fn of_newest(newest: &BackupFile, tried: Result<(), Failure>, args: &Doctor) -> Check {
    let (path, size, age) = (newest.path.display(), bytes(newest.bytes), age(newest));
    let told = format!("the newest is {path}, {size}, {} old", time(age));
    match tried {
        Err(failure) if is_of_the_file(&failure) => {
            let what = format!("the newest can't be used: {}", failure.message);
            Check::new(Level::Problem, NAME, what)
        }
        _ if age > args.max_age => {
            let what = format!("{told}: older than {}", time(args.max_age));
            Check::new(Level::Problem, NAME, what)
        }
        Err(failure) => {
            let what = format!("{told}; it was not checked: {}", failure.message);
            Check::new(Level::Note, NAME, what)
        }
        Ok(()) if args.full => Check::new(Level::Ok, NAME, format!("{told}, and whole")),
        Ok(()) => {
            let what = format!("{told}; it can be opened (--full checks all of it)");
            Check::new(Level::Ok, NAME, what)
        }
    }
}

/// Whoever has emptied it by accident has a database like any other.
fn emptied(look: &Look, backup: &BackupFile) -> Check {
    let (file, size) = (typed(&look.path), bytes(backup.bytes));
    let what = format!("it is empty, and its backup {} is not: {size}", backup.path.display());
    Check::new(Level::Problem, place::FILE, what)
        .advise("if it was not emptied on purpose, stop the programs that use it")
        .advise(format!("and put the backup in its place: {UNKNOWN}{file}"))
}

/// Whether a backup can be opened; with `--full` whether it is whole.
fn tried(backup: &BackupFile, args: &Doctor) -> Result<(), Failure> {
    let look = Look::at(&backup.path)?;
    if look.kind == Kind::Empty {
        return Err(Failure::damaged(&look.path, "it is empty"));
    }
    let file = Reading::open(&look, args.wait.timeout)?;
    file.read(|conn| {
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
    })?;
    if !args.full {
        return Ok(());
    }
    let found = verify::found(&file, &look, IntegrityCheck::Full)?;
    // What is damage to a restore, which then refuses it.
    let damage = [FindingKind::Damage, FindingKind::Index].map(FindingKind::word);
    match found.iter().find(|found| damage.contains(&found.kind)) {
        Some(found) => Err(Failure::damaged(&look.path, &found.what)),
        None => Ok(()),
    }
}

/// Whether the backup is at fault, and not its place or a lock.
fn is_of_the_file(failure: &Failure) -> bool {
    failure.status == Status::Damaged || failure.kind == "not_a_database"
}

fn age(backup: &BackupFile) -> Duration {
    SystemTime::now().duration_since(backup.time).unwrap_or_default()
}
