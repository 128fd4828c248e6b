#![doc = include_str!("../README.md")]

pub mod amplitude;
mod cells;
pub mod contrast;
pub mod decode;
pub mod envelope;
pub mod grid;
mod joined;
pub mod labels;
mod logarithm;
pub mod matrix;
pub mod moved_with;
pub mod onset;
pub mod push_down;
mod quantile;
pub mod recheck;
mod series;
pub mod slo;
mod sorted;
pub mod suspects;
pub mod svg;
mod text;
