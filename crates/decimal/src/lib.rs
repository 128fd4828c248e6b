//! Floats from and to decimal text, for code that is sent to browsers.
//!
//! `str::parse::<f64>` and `format!("{:.3}")` bring tables and big numbers of their own: 18 KB of a compressed module
//! that has 85. These do the same, slower where a text is long or a number is far from 1, and are exact there too.
//!
//! ```
//! use casebook_decimal::{Fixed, Scientific, exponent, read};
//!
//! assert_eq!(read("2.5e-3"), Some(0.0025));
//! assert_eq!(Fixed(2.0 / 3.0, 2).to_string(), "0.67");
//! assert_eq!(Scientific(299_792_458.0, 2).to_string(), "3.00e8");
//! assert_eq!(exponent(0.0025), -3);
//! ```

mod big;
mod digits;
mod fixed;
mod read;

pub use digits::{Scientific, exponent};
pub use fixed::Fixed;
pub use read::read;
