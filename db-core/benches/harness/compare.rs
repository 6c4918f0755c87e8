//! Two ways to do the same, one call at a time.

use std::time::Instant;

use super::median;

/// Times `ours` against `theirs`, in batches of `calls` that alternate, and prints
/// medians, what a call of `ours` adds, and their ratio. Returns the ratio.
pub fn compare(
    name: &str,
    limit: f64,
    calls: u32,
    mut theirs: impl FnMut(u32),
    mut ours: impl FnMut(u32),
) -> f64 {
    const ROUNDS: usize = 61;
    let time = |run: &mut dyn FnMut(u32)| {
        let start = Instant::now();
        for n in 0..calls {
            run(n);
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    };
    let (mut base, mut own) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Each goes first every other time.
        if round % 2 == 0 {
            base.push(time(&mut theirs));
            own.push(time(&mut ours));
        } else {
            own.push(time(&mut ours));
            base.push(time(&mut theirs));
        }
    }
    let (base, own) = (median(base), median(own));
    let ratio = own / base;
    let verdict = if ratio <= limit { "reached" } else { "MISSED" };
    let added = (own - base) * 1e3;
    println!(
        "{name:<44} {base:>8.2} us {own:>8.2} us {added:>7.0} ns {ratio:>7.3}   at most {limit:<5} {verdict}"
    );
    ratio
}
