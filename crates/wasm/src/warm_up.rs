//! What a browser compiles of the core before the first answer comes, instead of while somebody waits for it.

use casebook_core::decode::{Body, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use wasm_bindgen::prelude::*;

/// Enough series that the browser takes the decoder for hot: it compiles it again then, to be fast.
const SERIES: usize = 300;
const STEPS: i64 = 31;
/// The first step, in milliseconds since the Unix epoch.
const START_MS: i64 = 100_000_000;
/// As long as those of Prometheus: a whole number, a short one, a rate.
const VALUES: [&str; 4] = [
    "8388608000",
    "123.25",
    "0.4214286190476191",
    "1.2345678901234567",
];

/// Decodes an answer of its own making: a few milliseconds, once, when the kernel starts.
#[wasm_bindgen]
pub fn warm_up() {
    let Ok(grid) = Grid::new(START_MS, START_MS + (STEPS - 1) * 1000, 1000) else {
        return;
    };
    let mut decoder = Decoder::new(Expect::Grid(grid), Limits::default());
    let _ = decoder.feed(answer().as_bytes());
    if let Ok(Body::Matrix(matrix)) = decoder.finish() {
        std::hint::black_box(matrix.swings());
    }
}

fn answer() -> String {
    let mut text = String::from(r#"{"status":"success","data":{"resultType":"matrix","result":["#);
    for series in 0..SERIES {
        text.push_str(
            r#"{"metric":{"__name__":"up","instance":"10.0.0.1:9100","job":"node"},"values":["#,
        );
        for step in 0..STEPS {
            text.push_str("[1");
            for place in [10_000, 1000, 100, 10, 1] {
                text.push(char::from(b'0' + (step / place % 10) as u8));
            }
            text.push_str(",\"");
            text.push_str(VALUES[(series + step as usize) % VALUES.len()]);
            text.push_str("\"],");
        }
        text.pop();
        text.push_str("]},");
    }
    text.pop();
    text.push_str("]}}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_warms_up_is_an_answer_with_every_sample() {
        let grid = Grid::new(START_MS, START_MS + 30_000, 1000).unwrap();
        let mut decoder = Decoder::new(Expect::Grid(grid), Limits::default());
        decoder.feed(answer().as_bytes()).unwrap();
        let Body::Matrix(matrix) = decoder.finish().unwrap() else {
            panic!("no matrix");
        };
        let meta = matrix.meta();
        assert_eq!((matrix.rows(), meta.samples), (300, 9300));
        assert_eq!((meta.irregular, meta.off_grid, meta.repeated), (0, 0, 0));
    }
}
