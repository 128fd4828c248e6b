//! How a series was before, by the definitions in the core's README, worked out anew.

/// The windows of a series, latest first.
pub(crate) struct Past {
    /// `max - min` of each.
    pub(crate) swings: Vec<f64>,
    /// The median of each.
    pub(crate) medians: Vec<f64>,
    /// The median of the swings.
    pub(crate) swing: f64,
    /// The median of the medians.
    pub(crate) level: f64,
}

impl Past {
    /// Windows of so many steps, counted back from the end; neighbours share their ends.
    pub(crate) fn of(values: &[f64], steps: usize) -> Self {
        let (mut swings, mut medians) = (Vec::new(), Vec::new());
        let mut end = values.len();
        while end > steps {
            let part = finite(&values[end - 1 - steps..end]);
            let greatest = part.iter().copied().fold(f64::MIN, f64::max);
            swings.push(greatest - part.iter().copied().fold(f64::MAX, f64::min));
            medians.push(median(part));
            end -= steps;
        }
        Self {
            swing: median(swings.clone()),
            level: median(medians.clone()),
            swings,
            medians,
        }
    }

    /// One number for the swings of several windows.
    pub(crate) fn central(&self) -> f64 {
        let greatest = self.swings.iter().copied().fold(0.0, f64::max);
        (greatest * self.swing).sqrt()
    }
}

/// The numbers among the values of a row.
pub(crate) fn finite(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect()
}

/// The value in the middle, or between the two there.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}
