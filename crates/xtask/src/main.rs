//! Everything that automates Casebook: `cargo xtask build | demo | test | bench | lab | screenshots`.

#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

mod bench;
mod browser;
mod build;
mod checks;
mod counts;
mod demo;
mod failures;
mod lab;
mod ports;
mod preflight;
mod processes;
mod programs;
mod progress;
mod screenshots;
mod session;
mod stamp;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about = "Everything that automates Casebook",
    version
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Build the browser core, the wheels, the site and the proxy, all below target/
    Build,
    /// Build, then start a practice incident and the proxy, and print a link to open
    Demo(demo::Options),
    /// Run every check and end with `N passed, N failed`
    Test(test::Options),
    /// Measure; see `cargo xtask bench --help`
    Bench(bench::Options),
    /// Start the real back ends of the tests on free ports and keep them until Ctrl-C
    Lab,
    /// Make the pictures that README.md shows
    Screenshots,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().verb {
        Verb::Build => build::run(),
        Verb::Demo(options) => demo::run(&options),
        Verb::Test(options) => return test::run(&options),
        Verb::Bench(options) => bench::run(&options),
        Verb::Lab => lab::run(),
        Verb::Screenshots => screenshots::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
