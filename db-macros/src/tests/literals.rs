//! Which literals of a body count: those that go to its handle.

use proc_macro2::{Ident, Span, TokenStream};

use crate::sql::Call;

/// The literals that `body` hands to `db`, each cut to the first word.
fn found(body: &str) -> Vec<String> {
    let body: TokenStream = body.parse().unwrap();
    let db = Ident::new("db", Span::call_site());
    texts(&crate::sql::find(body, Some(&db)))
}

fn found_in_bare(body: &str) -> Vec<String> {
    texts(&crate::sql::find(body.parse().unwrap(), None))
}

fn texts(calls: &[Call]) -> Vec<String> {
    let text = |call: &Call| match call {
        Call::Sql(literal) | Call::Pragma(literal) => literal.value(),
        Call::Begin(method) => format!("{method}()"),
    };
    calls.iter().map(text).collect()
}

#[track_caller]
fn finds(body: &str, expected: &[&str]) {
    assert_eq!(found(body), expected, "in {body}");
}

#[test]
fn each_method_that_takes_sql() {
    finds(r#"db.execute("a", ())?; db.execute_batch("b")?;"#, &["a", "b"]);
    finds(r#"db.prepare("a")?.execute("no")?; db.prepare_cached("b")?"#, &["a", "no", "b"]);
    finds(r#"db.query_row("a", [], |row| row.get(0)); db.query_one("b", (), f)"#, &["a", "b"]);
    finds(r#"db.query_row_and_then("a", [], f); db.prepare_with_flags("b", x)"#, &["a", "b"]);
    finds(r#"db.query_row::<i64, _, _>("a", [], |r| r.get(0))?"#, &["a"]);
    finds(
        r#"Connection::execute(db, "a", ()); rusqlite::Connection::prepare(&db, "b")"#,
        &["a", "b"],
    );
    finds(r#"let mut batch = Batch::new(db, "a"); rusqlite::Batch::new(&db, "b")"#, &["a", "b"]);
    finds(r#"db.insert("no"); db.log("no"); execute("no"); Row::new(db, "no")"#, &[]);
}

#[test]
fn each_form_of_a_literal() {
    finds(r##"db.execute(r"a", ()); db.execute(r#"b "c""#, ())"##, &["a", "b \"c\""]);
    finds(
        r#"db.execute("a\n \
        b", ())"#,
        &["a\n b"],
    );
    finds(
        r#"db.execute(concat!("no", "no"), ()); db.execute(SQL, ()); db.execute(b"no", ())"#,
        &[],
    );
    finds(r#"db.execute(&format!("no {x}"), ()); db.execute("no".trim(), ())"#, &[]);
}

#[test]
fn the_handle_behind_whatever_expression() {
    finds(r#"(&*db).execute("a", ()); (db).deref().execute("b", ())"#, &["a", "b"]);
    finds(r#"Some(db)?.execute("a", ()); Deref::deref(db).execute("b", ())"#, &["a", "b"]);
    finds(r#"return db.execute("a", ());"#, &["a"]);
    finds(r#"if db.execute("a", ())? > 0 { db.execute("b", ()) }"#, &["a", "b"]);
    finds(r#"vec![db.execute("a", ())]; f(|| db.execute("b", ()))"#, &["a", "b"]);
    finds(r#"r#db.execute("a", ())"#, &["a"]);
}

#[test]
fn other_receivers_do_not_count() {
    finds(
        r#"git.execute("COMMIT"); self.log.execute("no", ()); POOL.get().execute("no", ())"#,
        &[],
    );
    finds(r#"db.len(); other.execute("no", ()); f(db); other.execute("no", ())"#, &[]);
    finds(r#"other.write(|w| w.execute("no", [db.len()]))"#, &[]);
    finds(r#"x = db + other.execute("no", ())"#, &[]);
}

#[test]
fn names_are_followed() {
    finds(r#"let c = db; c.execute("a", ())"#, &["a"]);
    finds(r#"let c: &Connection = &**db; c.execute("a", ())"#, &["a"]);
    finds(
        r#"let tx = db.unchecked_transaction()?; let (_, t) = (1, &tx); t.execute("a", ())"#,
        &["unchecked_transaction()", "a"],
    );
    finds(r#"let Some(c) = Some(db) else { return x }; c.execute("a", ())"#, &["a"]);
    finds(r#"for c in [db, db] { c.execute("a", ()) }"#, &["a"]);
    finds(r#"if let Some(c) = Some(db) { c.execute("a", ()) }"#, &["a"]);
    finds(r#"while x && let Ok(c) = Ok(db) && let d = c { d.execute("a", ()) }"#, &["a"]);
    finds(
        r#"Some(db).map(|c| c.execute("a", ())); with(db, move |c: &C| { c.execute("b", ()) })"#,
        &["a", "b"],
    );
    finds(r#"let n = db.query_row("a", [], |row| row.execute("lent", ()))"#, &["a", "lent"]);
}

#[test]
fn operators_are_no_closures() {
    finds(
        r#"if a || b { db.execute("a", ())?; } if b || c { db.execute("b", ())?; }"#,
        &["a", "b"],
    );
    finds(r#"if a || b { db.execute("a", ())?; } let c = a | b;"#, &["a"]);
    finds(r#"a || db.execute("a", ())? > 0 || c"#, &["a"]);
    finds(
        r#"match n { Some(n) if n > 1 || n < -1 => { db.execute("a", ())?; } A | B => {} }"#,
        &["a"],
    );
    finds(
        r#"let n = db.query_row("a", (), f)?; if n == 0 || out.is_autocommit() || force { out.execute("no", ())?; }"#,
        &["a"],
    );
    finds(r#"matches!(x, A | B) && f(|| db.execute("a", ()))"#, &["a"]);
}

#[test]
fn literals_by_a_name_of_the_body() {
    finds(r#"let sql = "a"; db.execute(sql, ())?;"#, &["a"]);
    finds(r#"const SQL: &str = "a"; db.execute(SQL, ())?; db.execute(&SQL, ())"#, &["a", "a"]);
    finds(r#"let sql = "no"; let sql = format!("{sql}"); db.execute(sql, ())"#, &[]);
    finds(r#"db.execute(("a"), ()); db.execute(&"b", ())"#, &["a", "b"]);
}

#[test]
fn transactions_and_settings_by_methods() {
    finds(r#"let tx = db.transaction()?; tx.commit()?; other.transaction()?"#, &["transaction()"]);
    finds(
        r#"Transaction::new_unchecked(db, behavior)?; conn.unchecked_transaction()?"#,
        &["new_unchecked()"],
    );
    finds(r#"db.pragma_update(None, "a", 1)?; db.pragma_query(None, "no", f)?"#, &["a"]);
    finds(r#"db.transaction; let transaction = db; fn transaction() {}"#, &[]);
}

#[test]
fn turbofishes_of_all_kinds() {
    finds(r#"db.query_row::<(i64, String), _, _>("a", (), f)?"#, &["a"]);
    finds(r#"Connection::execute::<()>(db, "a", ())"#, &["a"]);
    finds(r#"db.query_row::<Vec<Vec<u8>>, _, fn(u8) -> u8>("a", (), f)"#, &["a"]);
}

/// What was read may name another database.
#[test]
fn what_came_out_of_the_handle_is_not_the_handle() {
    finds(r#"let mut stmt = db.prepare("a")?; (&mut *out).execute("no", ())"#, &["a"]);
    finds(r#"let mut s = db.prepare("a")?; for c in &mut *outs { c.execute("no", ()) }"#, &["a"]);
    finds(
        r#"let Some(n) = db.query_row("a", (), f)? else { return Ok(()) }; Some(out).map(|c| c.execute("no", ()))"#,
        &["a"],
    );
    finds(
        r#"let dsn: String = db.query_row("a", (), f)?; let mut pg = Pg::connect(&dsn)?; pg.execute("no")"#,
        &["a"],
    );
    finds(r#"for name in &names(db)?.list() { pool.get(name)?.execute("no", ()) }"#, &[]);
    finds(
        r#"let id = db.last_insert_rowid(); let r = &shards[&id]; r.execute("no", ()); shards[&id].execute("no", ())"#,
        &[],
    );
    finds(r#"let Some(r) = m.get(&1) else { return Ok(db.changes()) }; r.execute("no", ())"#, &[]);
    finds(r#"let (from, to) = (db, out); to.execute("no", ()); from.execute("a", ())"#, &["a"]);
    finds(r#"let job = Job { to: out, n: db.changes() }; job.execute("no", ())"#, &[]);
    finds(r#"let repo = db.query_row("a", (), f)?; Git::new(&repo).execute("no")"#, &["a"]);
    finds(r#"Connection::open(path_of(db)?)?.execute_batch("no")"#, &[]);
    finds(r#"pool.get(&path_of(db)?)?.execute("no", ())"#, &[]);
    finds(r#"Archive::open_beside(db)?.execute("no", ())"#, &[]);
}

/// Nor is what a helper read through it, once it is passed on.
#[test]
fn what_a_helper_read_names_others() {
    finds(r#"let shard = shard_of(db, user)?; pool.get(&shard)?.execute("no", ())"#, &[]);
    finds(r#"for name in names(db)? { pool.named(&name)?.execute("no", ()) }"#, &[]);
    finds(r#"while let Some(job) = next(db)? { pool.get(&job).execute("no", ()) }"#, &[]);
    finds(r#"let dsn = dsn(db)?; let out = connect(&dsn)?; out.execute_batch("no")"#, &[]);
    finds(r#"let name = name(db)?; pool.with(name, |c| c.execute("no", ()))"#, &[]);
    finds(r#"let ts = ts(db)?; for (t, out) in ts.iter().zip(outs) { out.execute("no") }"#, &[]);
    finds(
        r#"let out = tenant(db, 1)?; out.execute("no", ()); snapshot(db)?.execute("no", ())"#,
        &[],
    );
    finds(r#"pool.tenant(db)?.execute("no", ())"#, &[]);
    finds(r#"copy_into(db, out, |to, id| to.execute("no", [id]))"#, &[]);
    finds(r#"let (from, to) = pair(db, out); to.execute("no", ())"#, &[]);
    finds(r#"let c = Some(db); c?.execute("a", ())"#, &["a"]);
    finds(r#"let c = db as &C; let d = Ok(c); d.execute("a", ())"#, &["a"]);
}

#[test]
fn functions_of_the_same_names() {
    finds(
        r#"ledger::transaction(db, 7)?; Ledger::new(db).transaction(7)?; jobs::execute(db, "no")"#,
        &[],
    );
    finds(r#"db.transaction_with_behavior(Immediate)?"#, &["transaction_with_behavior()"]);
}

#[test]
fn closures_with_a_type_and_macros() {
    finds(
        r#"let put = |db: &C| -> Result<usize, E> { db.execute("no", ()) }; db.execute("a", ())"#,
        &["a"],
    );
    finds(
        r#"outs.iter().try_for_each(|db| -> Result<(), E> { db.execute("no", ())?; Ok(()) })"#,
        &[],
    );
    finds(
        r#"macro_rules! put { ($db:expr) => { $db.execute("no", ()) } } put!(out); db.execute("a", ())"#,
        &["a"],
    );
    finds(r#"let db; db = other()?; db.execute("no", ())"#, &[]);
}

#[test]
fn raw_names_are_no_keywords() {
    finds(
        r#"let mut r#match = vec![]; let db = other; if !r#match.is_empty() {} db.execute("no", ())"#,
        &[],
    );
    finds(r#"let r#in = db; r#in.execute("a", ()); let r#c = db; c.execute("b", ())"#, &["a", "b"]);
}

#[test]
fn a_part_of_something_else_is_not_the_handle() {
    finds(r#"s.db.execute("no", ()); self.db.execute("no", ()); env.db().execute("no", ())"#, &[]);
    finds(r#"db::scratch().execute("no", ()); self.db.write(|w| w.execute("no", ()))"#, &[]);
}

#[test]
fn patterns_bind_what_they_name() {
    finds(r#"for Shard { db, name } in shards { db.execute("no", ()) }"#, &[]);
    finds(
        r#"if let Shard { db, .. } = shard && x { db.execute("no", ()) } db.execute("a", ())"#,
        &["a"],
    );
    finds(
        r#"match other { Some(db) => db.execute("no", ()), None => db.execute("a", ()) }"#,
        &["a"],
    );
    finds(
        r#"match Connection::open_in_memory() { Ok(db) => { db.execute("no", ()) } Err(e) => e }"#,
        &[],
    );
    finds(r#"if let Some(db) = match k { 1 => x, _ => y } { db.execute("no", ()) }"#, &[]);
    finds(r#"if let Wrap { conn } = Wrap(db) { conn.execute("a", ()) }"#, &["a"]);
    finds(r#"match db { c => c.execute("a", ()) }"#, &["a"]);
    finds(r#"match n { x if db.is_autocommit() => db.execute("a", ()), _ => 0 }"#, &["a"]);
    finds(r#"let Wrap { inner: c, db: _ } = Wrap(db); c.execute("a", ())"#, &["a"]);
}

#[test]
fn names_that_come_to_mean_something_else_are_not() {
    finds(r#"let db = other; db.execute("no", ())"#, &[]);
    finds(r#"{ let db = other; db.execute("no", ()); } db.execute("a", ())"#, &["a"]);
    finds(r#"for db in others { db.execute("no", ()) } db.execute("a", ())"#, &["a"]);
    finds(r#"if let Some(db) = other { db.execute("no", ()) } db.execute("a", ())"#, &["a"]);
    finds(r#"others.map(|db| db.execute("no", ())); db.execute("a", ())"#, &["a"]);
    finds(r#"let c = Connection::open(db.path()?)?; c.execute("no", ())"#, &[]);
    finds(r#"fn f(db: &C) { db.execute("no", ()) } f(c); db.execute("a", ())"#, &["a"]);
    finds(r#"let f: fn(u8) = g; db.execute("a", ())"#, &["a"]);
}

/// All of a bare function's body is repeated, whatever connection it uses.
#[test]
fn every_receiver_counts_without_a_handle() {
    let body = r#"tx.execute("a", ())?; self.log.execute("b", ())?; fn g() { x.execute("no") }"#;
    assert_eq!(found_in_bare(body), ["a", "b"]);
}

/// Deeper than anybody nests, but not than the compiler parses.
#[test]
fn deep_and_long_bodies_are_looked_through_in_time() {
    let start = std::time::Instant::now();
    for soup in [
        "let a = ".repeat(20_000),
        "|a| ".repeat(20_000),
        "match a ".repeat(20_000),
        "db . f ( db ) ".repeat(20_000),
        "x::<".repeat(20_000),
        format!("{}db{}", "(".repeat(1_500), ")".repeat(1_500)),
        r#"let a = db; a.execute("a", ()); "#.repeat(3_000),
    ] {
        let _ = found(&soup);
        let _ = found_in_bare(&soup);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
