//! `histogram_quantile` over classic buckets, as `promql/quantile.go` of Prometheus 2.42.

use std::collections::HashMap;

use super::Sample;
use crate::labels::{BUCKET, Labels, METRIC_NAME};

/// One quantile per histogram of the vector; series without a readable `le` are left out.
pub(super) fn quantiles(phi: f64, vector: &[Sample]) -> Vec<Sample> {
    let mut order: Vec<Labels> = Vec::new();
    let mut histograms: HashMap<Labels, Vec<(f64, f64)>> = HashMap::new();
    for sample in vector {
        let Some(bound) = upper_bound(sample.labels.get(BUCKET)) else {
            continue;
        };
        let labels = sample
            .labels
            .filter(|name| name != BUCKET && name != METRIC_NAME);
        let buckets = histograms.entry(labels.clone()).or_insert_with(|| {
            order.push(labels);
            Vec::new()
        });
        buckets.push((bound, sample.value));
    }
    order
        .into_iter()
        .filter_map(|labels| {
            let buckets = histograms.remove(&labels)?;
            let value = quantile(phi, buckets);
            Some(Sample { labels, value })
        })
        .collect()
}

fn upper_bound(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The φ-quantile of `(upper bound, cumulative count)` pairs, linear within a bucket.
fn quantile(phi: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    if phi.is_nan() {
        return f64::NAN;
    }
    if phi < 0.0 {
        return f64::NEG_INFINITY;
    }
    if phi > 1.0 {
        return f64::INFINITY;
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    buckets.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
    let mut greatest = f64::NEG_INFINITY;
    for (_, count) in &mut buckets {
        if *count > greatest {
            greatest = *count;
        } else if *count < greatest {
            *count = greatest;
        }
    }
    let [.., (second_bound, _), (last_bound, observations)] = buckets[..] else {
        return f64::NAN;
    };
    if last_bound != f64::INFINITY || observations == 0.0 {
        return f64::NAN;
    }

    let rank = phi * observations;
    let last = buckets.len() - 1;
    let index = buckets[..last].partition_point(|&(_, count)| {
        // a NaN count is never reached, as in Go's comparison
        !matches!(
            count.partial_cmp(&rank),
            Some(std::cmp::Ordering::Greater | std::cmp::Ordering::Equal)
        )
    });
    if index == last {
        return second_bound;
    }
    let (end, count) = buckets[index];
    if index == 0 {
        return if end <= 0.0 {
            end
        } else {
            end * (rank / count)
        };
    }
    let (start, below) = buckets[index - 1];
    start + (end - start) * ((rank - below) / (count - below))
}
