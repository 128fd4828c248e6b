//! The real back ends of the tests, kept up until Ctrl-C: what `cargo xtask lab` and the browser tests start.

#![allow(clippy::print_stdout, reason = "a command-line tool prints")]

use std::path::PathBuf;
use std::sync::mpsc;

use anyhow::{Context, Result};
use casebook_lab::{Lab, LabSettings};
use clap::Parser;

#[derive(Debug, Parser)]
#[command(about = "Start the real back ends of the tests and keep them until Ctrl-C")]
struct Arguments {
    /// Where to write the lines of casebook.toml that name the back ends
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Lines of casebook.toml to write before those
    #[arg(long, value_name = "TEXT", default_value = "")]
    preamble: String,
    /// With an AWS account, and hosts that answer by SSH
    #[arg(long)]
    hosts: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        // A second Ctrl-C while stopping changes nothing.
        let _ = interrupt.send(());
    })
    .context("Ctrl-C cannot be caught")?;

    let settings = LabSettings {
        hosts: arguments.hosts,
        ..LabSettings::burning_now()
    };
    let lab = Lab::start_blocking(&settings)?;
    let config = format!("{}{}", arguments.preamble, lab.config());
    std::fs::write(&arguments.config, config)
        .with_context(|| format!("{} cannot be written", arguments.config.display()))?;
    println!("onset: {}", settings.onset);
    println!("prometheus: {}", lab.prometheus().url());
    if let Some(moto) = lab.moto() {
        println!("cloud: {}", moto.url());
    }
    if let Some(sshd) = lab.sshd() {
        println!("core: {}", sshd.core().display());
    }
    interrupted
        .recv()
        .context("nothing can interrupt any more")?;
    Ok(())
}
