//! Token soup: whatever stands in an attribute or behind it, the macro answers
//! with tokens and never with a panic.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser as _};

use super::split;
use crate::args::Attr;

const SEEDS: &[&str] = &[
    "#[reader(db = self.db, autocommit, crate = a::b)]
     #[retry_on_locked(max_attempts = 3, base_delay = 1.5s, jitter)]
     pub fn f<'a, T: Clone>(&self, db: &'a db_core::Reader<'_>, (a, b): (T, u8), mut s: &str) -> Result<impl Iterator<Item = T>>
     where T: Send { #![allow(x)] let y = |z: u8| z; Ok(y) }",
    "#[writer(timeout = 10s, group)]
     #[retry_on_locked(idempotent = \"reason\", deadline = X * 2)]
     async unsafe extern \"C\" fn r#fn(mut self: Box<Self>, conn: &mut Writer<'_, effect::Once>, ...) {}",
    "#[retry_on_locked(idempotent, max_delay = 250ms,)]
     fn import(conn: &Connection, #[cfg(x)] n: impl Into<i64>, _: [u8; 3]) -> rusqlite::Result<()> { Ok(()) }",
    "#[writer] default const fn declared(&self, _: &::db_core::Writer, n: Option<&mut u8>) -> Result<i64>;",
    "#[reader] pub struct S<T>(pub T) where T: Copy;",
    "#[writer(db = { let x = 3; &x }, crate = crate)] impl S { fn x() {} }",
    "#[reader] fn f(db: &Reader) -> Result<()> { let (c, _): (&C, u8) = (db, 1); if let Some(d) = c && let e = d { e.query_row::<i64, _>(\"DELETE FROM t\", (), |r| r.get(0))?; }
     for x in [db] { Connection::execute(x, r#\"-- \"BEGIN\"\"#, ()); } Some(db).map(|r#fn| match r#fn { g => g.prepare(\"COMMIT\") }); Batch::new(db, \"PRAGMA x=1\") }",
    "#[retry_on_locked(idempotent)] fn f(conn: &mut Connection) -> Result<()> { let tx = conn.transaction()?; tx.execute(\"UPDATE t SET n = n + 1\", ())?; tx.execute_batch(\"WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a; DELETE FROM t LIMIT 1\")?; tx.commit() }",
    "#[reader(= , .. :: ' 'a \"x\" 1.0e5ms 0x1fs b\"s\" -1)] fn f(db: &Database) -> Option<i64> { None }",
];

/// A small generator of numbers (xorshift), the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Every token of the seeds, groups with what is in them.
fn collect(tokens: TokenStream, into: &mut Vec<TokenTree>) {
    for tree in tokens {
        if let TokenTree::Group(group) = &tree {
            collect(group.stream(), into);
        }
        into.push(tree);
    }
}

/// Changes one place, at any depth.
fn mutate(tokens: TokenStream, pool: &[TokenTree], random: &mut Random) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let at = random.below(trees.len());
    if let Some(TokenTree::Group(group)) = trees.get(at)
        && random.below(4) != 0
    {
        let inside = mutate(group.stream(), pool, random);
        trees[at] = Group::new(group.delimiter(), inside).into();
        return trees.into_iter().collect();
    }
    match random.below(6) {
        0 if !trees.is_empty() => drop(trees.remove(at)),
        1 if !trees.is_empty() => trees.insert(at, trees[at].clone()),
        2 if !trees.is_empty() => trees[at] = random.pick(pool).clone(),
        3 if trees.len() > 1 => {
            let other = random.below(trees.len());
            trees.swap(at, other);
        }
        4 if !trees.is_empty() => {
            let delimiters =
                [Delimiter::None, Delimiter::Brace, Delimiter::Bracket, Delimiter::Parenthesis];
            let end = at + 1 + random.below((trees.len() - at).min(4));
            let inside = trees.drain(at..end.min(trees.len())).collect();
            trees.insert(at, Group::new(*random.pick(&delimiters), inside).into());
        }
        _ => trees.insert(at, random.pick(pool).clone()),
    }
    trees.into_iter().collect()
}

/// Whether these tokens can stand in a module, an impl block or a trait.
fn are_items(tokens: &TokenStream) -> bool {
    fn all<T: Parse>(tokens: &TokenStream) -> bool {
        let many = |input: ParseStream<'_>| {
            while !input.is_empty() {
                input.parse::<T>()?;
            }
            Ok(())
        };
        many.parse2(tokens.clone()).is_ok()
    }
    all::<syn::Item>(tokens) || all::<syn::ImplItem>(tokens) || all::<syn::TraitItem>(tokens)
}

#[test]
fn no_input_makes_the_macro_panic() {
    let seeds: Vec<TokenStream> = SEEDS.iter().map(|seed| seed.parse().unwrap()).collect();
    let mut pool = Vec::new();
    seeds.iter().for_each(|seed| collect(seed.clone(), &mut pool));
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut items = 0;
    let mut expanded = 0;
    for round in 0..40_000 {
        let mut tokens = seeds[round % seeds.len()].clone();
        for _ in 0..=random.below(1 + round % 6) {
            tokens = mutate(tokens, &pool, &mut random);
        }
        let (attr, args, item) = match split(tokens.clone()) {
            Some(split) => split,
            None => (
                *random.pick(&[Attr::Reader, Attr::Writer, Attr::Retry]),
                TokenStream::new(),
                tokens,
            ),
        };
        let valid = are_items(&item);
        let output = crate::expand::attribute(attr, args, item.clone());
        if valid {
            items += 1;
            assert!(are_items(&output), "{item}\n\nbecame\n\n{output}");
            expanded += usize::from(super::messages(output).is_empty());
        }
    }
    // The test is worth something only while soup is not all it makes.
    assert!(items > 2_000 && expanded > 500, "{items} items, {expanded} without a mistake");
}
