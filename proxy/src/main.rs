//! The Casebook proxy.

fn main() {}
