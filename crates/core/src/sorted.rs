//! Order, by code that is there once.
//!
//! A sort or a tree of the standard library is compiled anew for each type, to 4 KB of wasm each time. These merge
//! positions, whatever stands there, and take a tenth of that.

use std::cmp::Ordering;

/// Puts `items` into the order of `compare`; equal ones stay as they were.
pub(crate) fn sort<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let order = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    apply(order, &mut |a, b| items.swap(a, b));
}

/// The positions `0..length` in the order of `compare`; equal ones keep theirs.
pub(crate) fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..length).collect();
    merge_sort(&mut positions, compare);
    positions
}

/// Puts numbers into the order of `f64::total_cmp`, the least first.
pub(crate) fn ascending(values: &mut [f64]) {
    merge_sort(values, &|a, b| a.total_cmp(&b));
}

/// Merges runs of 1, 2, 4, … items, from one buffer into the other.
fn merge_sort<T: Copy>(items: &mut [T], compare: &dyn Fn(T, T) -> Ordering) {
    let mut sorted = items.to_vec();
    let mut merged = Vec::with_capacity(items.len());
    let mut width = 1;
    while width < items.len() {
        merged.clear();
        for pair in sorted.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
                if compare(*second, *first) == Ordering::Less {
                    merged.push(*second);
                    right = right_rest;
                } else {
                    merged.push(*first);
                    left = left_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut sorted, &mut merged);
        width *= 2;
    }
    items.copy_from_slice(&sorted);
}

/// Swaps until what stood at `order[at]` is at `at`: round each cycle of places once.
fn apply(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for first in 0..order.len() {
        let mut at = first;
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == first {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

/// The value, or the end of `low..=high` that it is beyond: `f64::clamp`, which writes its bounds when they are the wrong
/// way round, 7 KB of wasm.
pub(crate) fn within(value: f64, low: f64, high: f64) -> f64 {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

/// The texts in order, each once.
pub(crate) fn distinct(mut texts: Vec<&str>) -> Vec<&str> {
    sort(&mut texts, Ord::cmp);
    texts.dedup();
    texts
}

/// Values that are found by their key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Map<K, V>(Vec<(K, V)>);

impl<K: Ord, V> Map<K, V> {
    /// A map of all pairs at once; of equal keys, the last one counts.
    pub(crate) fn of(mut pairs: Vec<(K, V)>) -> Self {
        sort(&mut pairs, |(a, _), (b, _)| a.cmp(b));
        Self(pairs)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let end = self.0.partition_point(|(known, _)| known <= key);
        let (known, value) = self.0.get(end.checked_sub(1)?)?;
        (known == key).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_are_in_order_and_equal_ones_as_they_were(mut items in prop::collection::vec((0..9_u8, 0..9_u8), 0..60)) {
            let mut wanted = items.clone();
            wanted.sort_by_key(|(key, _)| *key);
            sort(&mut items, |(a, _), (b, _)| a.cmp(b));
            prop_assert_eq!(items, wanted);
        }

        #[test]
        fn numbers_are_in_their_total_order(mut values in prop::collection::vec(any::<u64>().prop_map(f64::from_bits), 0..60)) {
            let mut wanted = values.clone();
            wanted.sort_by(f64::total_cmp);
            ascending(&mut values);
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&values), bits(&wanted));
        }

        #[test]
        fn a_map_finds_what_a_tree_finds(pairs in prop::collection::vec((0..30_u8, any::<u8>()), 0..60)) {
            let tree: BTreeMap<u8, u8> = pairs.iter().copied().collect();
            let map = Map::of(pairs);
            for key in 0..31 {
                prop_assert_eq!(map.get(&key), tree.get(&key));
            }
        }
    }

    #[test]
    fn a_text_that_stands_twice_counts_once() {
        assert_eq!(distinct(vec!["b", "a", "b", ""]), ["", "a", "b"]);
    }
}
