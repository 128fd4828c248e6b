#![doc = include_str!("../README.md")]

pub mod amplitude;
mod cells;
pub mod decode;
pub mod envelope;
pub mod grid;
mod joined;
pub mod labels;
pub mod matrix;
pub mod push_down;
pub mod recheck;
mod series;
pub mod suspects;
pub mod svg;
mod text;
