//! The real Prometheus and the real VictoriaMetrics with the same samples, asked as the browser asks them.

use casebook_core::decode::{Body, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::Matrix;
use casebook_core::push_down::PushDown;
use casebook_lab::{Prometheus, Series, VictoriaMetrics, http};

/// One of the two, by its address.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    url: String,
}

/// Both; they end when this is dropped.
pub(crate) struct Engines {
    pub(crate) both: [Engine; 2],
    _prometheus: Prometheus,
    _victoria: VictoriaMetrics,
}

impl Engines {
    pub(crate) fn holding(series: &[Series]) -> Self {
        let prometheus = Prometheus::builder().samples(series.to_vec());
        let prometheus = prometheus.start_blocking().unwrap();
        let victoria = VictoriaMetrics::builder().samples(series.to_vec());
        let victoria = victoria.start_blocking().unwrap();
        let engine = |name, url: &str| Engine {
            name,
            url: url.to_owned(),
        };
        Self {
            both: [
                engine("prometheus", prometheus.url()),
                engine("victoria-metrics", victoria.url()),
            ],
            _prometheus: prometheus,
            _victoria: victoria,
        }
    }
}

impl Engine {
    /// The answer to an instant query, as it comes.
    pub(crate) fn instant(&self, query: &str, at_ms: i64) -> Vec<(Labels, f64)> {
        let time = seconds(at_ms);
        let form = [("query", query), ("time", &time)];
        match self.ask("query", &form, Expect::Discover) {
            Body::Vector(vector) => {
                let samples = vector.samples.into_iter();
                samples
                    .map(|sample| (sample.labels, sample.value))
                    .collect()
            }
            other => panic!("{query}: {other:?}"),
        }
    }

    /// The answer to a range query.
    pub(crate) fn range(&self, query: &str, grid: Grid) -> Matrix {
        let [start, end, step] = [grid.start_ms, grid.end_ms(), grid.step_ms].map(seconds);
        let form = [
            ("query", query),
            ("start", &start),
            ("end", &end),
            ("step", &step),
            // what the proxy adds for VictoriaMetrics, which is nothing to Prometheus
            ("nocache", "1"),
        ];
        match self.ask("query_range", &form, Expect::Grid(grid)) {
            Body::Matrix(matrix) => {
                assert_eq!(matrix.meta().off_grid, 0, "{query}");
                matrix
            }
            other => panic!("{query}: {other:?}"),
        }
    }

    fn ask(&self, endpoint: &str, form: &[(&str, &str)], expect: Expect) -> Body {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let answer = http::post_form(&self.url, &format!("/api/v1/{endpoint}"), &form).unwrap();
        let mut decoder = Decoder::new(expect, Limits::default());
        decoder
            .feed(answer.body.as_bytes())
            .and_then(|()| decoder.finish())
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.name, answer.body))
    }
}

/// A query over a window, and how much time before is compared with.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) query: &'static str,
    pub(crate) counts: bool,
    pub(crate) grid: Grid,
    pub(crate) baseline_ms: i64,
}

impl Asked {
    /// With a baseline of an hour.
    pub(crate) fn new(query: &'static str, grid: Grid) -> Self {
        Self {
            query,
            counts: false,
            grid,
            baseline_ms: 3_600_000,
        }
    }

    /// The queries by which an engine ranks it.
    pub(crate) fn pushed(&self) -> PushDown {
        PushDown::new(self.query, self.counts, self.grid, self.baseline_ms).unwrap()
    }

    /// The baseline that the browser asks for: it ends a step before the window.
    pub(crate) fn baseline(&self) -> Grid {
        let step_ms = self.grid.step_ms;
        let end_ms = self.grid.start_ms - step_ms;
        let length_ms = self.baseline_ms / step_ms * step_ms;
        Grid::new(end_ms - length_ms, end_ms, step_ms).unwrap()
    }
}

/// The labels without the metric's name, as arithmetic leaves them.
pub(crate) fn nameless(labels: &Labels) -> Labels {
    let pairs = labels.iter().filter(|(name, _)| *name != "__name__");
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}
