//! `DB_CORE_EXPAND=NAME` shows what an annotated function becomes, while it is compiled.

use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = r#"
use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent)]
pub fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

pub struct Shop(pub db_core::Database);

impl Shop {
    #[reader(db = self.0)]
    pub fn get(&self, db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }
}
"#;

/// Compiles the program and returns what the compiler said.
fn compiled(variable: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("shop.rs");
    std::fs::write(&source, PROGRAM).unwrap();
    // This test is linked with db-core from the folder that it stands in.
    let this = std::env::current_exe().unwrap();
    let deps = this.parent().unwrap();
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "--crate-type=lib", "--emit=metadata"]);
    rustc.arg("--out-dir").arg(folder.path()).arg("-L").arg(deps);
    rustc.arg("--extern").arg(format!("db_core={}", newest(deps).display())).arg(&source);
    rustc.env_remove("DB_CORE_EXPAND");
    if let Some(variable) = variable {
        rustc.env("DB_CORE_EXPAND", variable);
    }
    let output = rustc.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

/// The library that was built last: earlier builds leave theirs.
fn newest(deps: &Path) -> PathBuf {
    let files = std::fs::read_dir(deps).unwrap().map(|file| file.unwrap().path());
    let is_ours = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("libdb_core-") && name.ends_with(".rlib")
    };
    files.filter(is_ours).max_by_key(|file| file.metadata().unwrap().modified().unwrap()).unwrap()
}

#[test]
fn a_function_is_shown_by_its_name() {
    let said = compiled(Some("set"));
    assert!(said.contains("`#[writer]` on `set`, "), "{said}");
    assert!(said.contains("shop.rs:4, expands to:\n"), "{said}");
    assert!(said.contains("::db_core::__private::write_retried("), "{said}");
    assert!(!said.contains("`get`"), "{said}");
    assert_eq!(said.matches("expands to").count(), 1, "{said}");
}

#[test]
fn all_are_shown_and_methods_too() {
    let said = compiled(Some("all"));
    assert!(said.contains("`#[reader]` on `get`, "), "{said}");
    assert!(said.contains("pub fn get"), "{said}");
    assert_eq!(said.matches("expands to").count(), 2, "{said}");
}

#[test]
fn nothing_is_shown_unasked() {
    assert_eq!(compiled(None), "");
    assert_eq!(compiled(Some("other")), "");
}
