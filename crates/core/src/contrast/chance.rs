//! How often a blind draw does as well.

/// Chance that at least `have` of `few` series, drawn from `all` without looking, are among the `with` that have a value.
///
/// The tail of the hypergeometric distribution. Its terms are put together from the most likely one outwards, by ratios:
/// none is too large for a number, and those too small for one do not matter. Additions, multiplications and divisions
/// only, so that it has the same bits on every machine.
pub(super) fn at_least(have: usize, few: usize, with: usize, all: usize) -> f64 {
    let without = all.saturating_sub(with);
    let (least, most) = (few.saturating_sub(without), few.min(with));
    if have <= least {
        return 1.0;
    }
    if have > most {
        return 0.0;
    }
    let n = |count: usize| count as f64;
    // How much likelier one more hit is.
    let growth = |hits: usize| {
        let undrawn = without + hits + 1 - few;
        n(with - hits) * n(few - hits) / (n(hits + 1) * n(undrawn))
    };
    let likeliest = (n(few + 1) * n(with + 1) / n(all + 2)) as usize;
    let likeliest = likeliest.clamp(least, most);
    let (mut whole, mut tail) = (0.0, 0.0);
    let mut add = |hits: usize, term: f64| {
        whole += term;
        if hits >= have {
            tail += term;
        }
    };
    let mut term = 1.0;
    for hits in likeliest..=most {
        add(hits, term);
        term *= growth(hits);
    }
    term = 1.0;
    for hits in (least..likeliest).rev() {
        term /= growth(hits);
        add(hits, term);
    }
    tail / whole
}
