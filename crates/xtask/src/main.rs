//! Everything that automates Casebook.

fn main() {}
