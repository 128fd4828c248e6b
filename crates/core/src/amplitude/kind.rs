//! The ways to say how far a series swings.

use serde::Serialize;

use crate::envelope::Extremes;
use crate::quantile::{finite, mad, of_sorted};
use crate::sorted::ascending;

/// What an amplitude is; its unit is that of the series, unless it is a ratio.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `max - min`. One wild sample decides it.
    #[default]
    PeakToPeak,
    /// `P95 - P5`, quantiles of type 7: the range of nine samples in ten.
    P95P5,
    /// 1.4826 times the median distance from the median: the standard deviation, were the values Gaussian.
    /// Half of the samples may do what they like.
    Mad,
    /// Peak-to-peak divided by the distance of the median from 0: without a unit. There is none when the median is 0.
    Relative,
    /// Peak-to-peak divided by the series' own habit, the median peak-to-peak of windows of the same length before:
    /// without a unit. There is none without a habit, or when the series stood still before.
    SwingRatio,
}

impl Kind {
    /// The kind of this name: `peak_to_peak`, `p95_p5`, `mad`, `relative` or `swing_ratio`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "peak_to_peak" => Self::PeakToPeak,
            "p95_p5" => Self::P95P5,
            "mad" => Self::Mad,
            "relative" => Self::Relative,
            "swing_ratio" => Self::SwingRatio,
            _ => return None,
        })
    }

    /// Whether the amplitude is a ratio, so that series of unlike units compare.
    #[must_use]
    pub fn is_unit_free(self) -> bool {
        matches!(self, Self::Relative | Self::SwingRatio)
    }

    /// The amplitude of `values`, whose extremes are known; `usual` is the habit. At most the greatest finite number.
    pub(super) fn measure(
        self,
        values: &[f64],
        extremes: &Extremes,
        usual: Option<f64>,
    ) -> Option<f64> {
        let sorted = || {
            let mut sorted = finite(values);
            ascending(&mut sorted);
            sorted
        };
        let over = |usual: f64| (usual > 0.0).then(|| extremes.peak_to_peak() / usual);
        let value = match self {
            Self::PeakToPeak => extremes.peak_to_peak(),
            Self::P95P5 => {
                let sorted = sorted();
                of_sorted(&sorted, 0.95)? - of_sorted(&sorted, 0.05)?
            }
            Self::Mad => {
                let sorted = sorted();
                mad(&sorted, of_sorted(&sorted, 0.5)?)?
            }
            Self::Relative => over(of_sorted(&sorted(), 0.5)?.abs())?,
            Self::SwingRatio => over(usual?)?,
        };
        Some(value.min(f64::MAX))
    }
}
