//! How often a blind draw does as well.

/// Chance that at least `have` of `few` series, drawn from `all` without looking, are among the `with` that have a value.
///
/// The tail of the hypergeometric distribution, by products of ratios: additions, multiplications and divisions only, so
/// that it has the same bits on every machine.
pub(super) fn at_least(have: usize, few: usize, with: usize, all: usize) -> f64 {
    if have == 0 || have > few.min(with) || with >= all {
        return if have > few.min(with) { 0.0 } else { 1.0 };
    }
    let n = |count: usize| count as f64;
    let (miss, without) = (few - have, all - with);
    if miss > without {
        // So few lack the value that more must have it.
        return 1.0;
    }
    // Ways to have it, and chances of that many hits: above 1; chances of the misses: below 1. In turn, to stay in range.
    let (mut hits, mut misses, mut chance) = (0, 0, 1.0);
    while hits < have || misses < miss {
        if hits < have && (chance < 1.0 || misses == miss) {
            chance *= n(few - hits) / n(hits + 1) * (n(with - hits) / n(all - hits));
            hits += 1;
        } else {
            chance *= n(without - misses) / n(all - have - misses);
            misses += 1;
        }
    }
    let (mut term, mut sum) = (chance, chance);
    for more in have..few.min(with) {
        // Of the series without the value, so many are left undrawn when one more of the drawn has it.
        let undrawn = without + more + 1 - few;
        term *= n(with - more) * n(few - more) / (n(more + 1) * n(undrawn));
        sum += term;
    }
    sum.min(1.0)
}
