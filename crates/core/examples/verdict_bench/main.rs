//! How often the verdict is right, on fleets that are made here and on labelled data. `cargo xtask bench verdict`
//! runs it. `--runs N`, `--data DIR` (holds `petshop` and `nab`), `--cases DIR`, `--each`, `--json`.

#![allow(
    clippy::print_stdout,
    clippy::panic,
    missing_docs,
    reason = "a program for a bench"
)]

mod case;
mod csv;
mod fleet;
mod fleets;
mod folder;
mod nab;
mod petshop;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Map, Value};

use crate::case::{Accuracy, Case};
use crate::fleet::Noise;
use crate::nab::Alarms;

struct Options {
    runs: u64,
    data: Option<PathBuf>,
    cases: Option<PathBuf>,
    each: bool,
    json: bool,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        runs: 1000,
        data: None,
        cases: None,
        each: false,
        json: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--runs" => options.runs = value()?.parse()?,
            "--data" => options.data = Some(value()?.into()),
            "--cases" => options.cases = Some(value()?.into()),
            "--each" => options.each = true,
            "--json" => options.json = true,
            _ => return Err(format!("{word} is not an option").into()),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut keys = Map::new();
    if let Some(folder) = &options.cases {
        heading("Cases");
        let cases = folder::cases(folder)?;
        accuracy("cases", &cases, &mut keys);
        if options.each {
            each(&cases);
        }
    } else {
        synthetic(options.runs, &mut keys);
        labelled(options.data.as_deref(), &mut keys)?;
    }
    if options.json {
        println!("{}", Value::Object(keys));
    }
    Ok(())
}

fn synthetic(runs: u64, keys: &mut Map<String, Value>) {
    println!(
        "Fleets of unlike servers, an hour of baseline, five minutes at 10 s, the culprit's noise three times as wide"
    );
    println!(
        "{:<36} {:>7} {:>7} {:>7} {:>9} {:>7}",
        "servers, sigma, noise", "first", "named", "wrong", "amplitude", "chance"
    );
    let fleets = [
        (5, 0.0, Noise::Gaussian),
        (20, 0.5, Noise::Gaussian),
        (50, 0.5, Noise::Gaussian),
        (200, 1.0, Noise::Gaussian),
        (1000, 1.0, Noise::Gaussian),
        (50, 0.5, Noise::Wandering),
        (200, 1.0, Noise::HeavyTailed),
    ];
    for (servers, sigma, noise) in fleets {
        let share = if servers > 200 { runs / 10 } else { runs };
        let found = fleets::found(share.max(10), servers, sigma, noise);
        let chance = 1.0 / servers as f64;
        println!(
            "{:<36} {:>7.3} {:>7.3} {:>7.3} {:>9.3} {chance:>7.3}",
            format!("{servers}, {sigma}, {noise:?}"),
            found.first,
            found.named,
            found.wrong,
            found.loudest,
        );
        if (servers, noise as u8) == (200, Noise::Gaussian as u8) {
            put(keys, "fleet_200_s1_top1", found.first);
            put(keys, "naive_fleet_200_s1_top1", found.loudest);
            put(keys, "chance_fleet_200_s1_top1", chance);
        }
    }
    println!("\nQuiet fleets: share in which somebody is accused");
    println!(
        "{:<36} {:>7} {:>11}",
        "servers, sigma, noise", "verdict", "three sigma"
    );
    let quiet = [
        (8, 0.5, Noise::Gaussian),
        (50, 0.5, Noise::Gaussian),
        (200, 1.0, Noise::Gaussian),
        (50, 0.5, Noise::Wandering),
        (50, 0.5, Noise::HeavyTailed),
    ];
    for (servers, sigma, noise) in quiet {
        let (clear, naive) = fleets::accused(runs, servers, sigma, noise);
        println!(
            "{:<36} {clear:>7.3} {naive:>11.3}",
            format!("{servers}, {sigma}, {noise:?}")
        );
        if (servers, noise as u8) == (50, Noise::Gaussian as u8) {
            put(keys, "quiet_clear_rate", clear);
            put(keys, "naive_quiet_clear_rate", naive);
        }
    }
}

fn labelled(data: Option<&Path>, keys: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let folder = |name: &str| {
        data.map(|data| data.join(name))
            .filter(|folder| folder.is_dir())
    };
    match folder("petshop") {
        Some(petshop) => {
            heading("PetShop, all metrics, no graph");
            for split in ["test", "train"] {
                accuracy(
                    &format!("petshop_{split}"),
                    &petshop::cases(&petshop, split)?,
                    keys,
                );
            }
        }
        None => println!("\nPetShop is not here: --data DIR with DIR/petshop"),
    }
    match folder("nab") {
        Some(nab) => onsets(nab::alarms(&nab)?, keys),
        None => println!("\nNAB is not here: --data DIR with DIR/nab"),
    }
    Ok(())
}

fn onsets((by_onset, by_sigma): (Alarms, Alarms), keys: &mut Map<String, Value>) {
    println!(
        "\nNAB: labelled windows with an alarm inside, and alarms outside per 1,000 points ({} windows, {} points)",
        by_onset.windows, by_onset.points
    );
    println!(
        "{:<36} {:>7} {:>7} {:>11} {:>7}",
        "", "hit", "chance", "false/1,000", "alarms"
    );
    for (prefix, name, found) in [("", "onset", by_onset), ("naive_", "three sigma", by_sigma)] {
        println!(
            "{name:<36} {:>7.3} {:>7.3} {:>11.3} {:>7}",
            found.hit_rate(),
            found.chance_rate(),
            found.wrong_per_1000(),
            found.all
        );
        put(keys, &format!("{prefix}nab_onset_hit"), found.hit_rate());
        put(
            keys,
            &format!("{prefix}nab_false_per_1000"),
            found.wrong_per_1000(),
        );
        put(
            keys,
            &format!("chance_{prefix}nab_onset_hit"),
            found.chance_rate(),
        );
    }
}

fn each(cases: &[Case]) {
    for case in cases {
        let place = case::place_in_verdict(case);
        let place = place.map_or_else(|| "-".to_owned(), |place| place.to_string());
        println!("{place:>4}  {} ({})", case.name, case.truth);
    }
}

fn heading(what: &str) {
    println!("\n{what}: share of cases with the true service among the first");
    println!("{:<36} {:>7} {:>7} {:>7}", "", "AC@1", "AC@3", "Avg@5");
}

fn accuracy(name: &str, cases: &[Case], keys: &mut Map<String, Value>) {
    let places =
        |of: fn(&Case) -> Option<usize>| Accuracy::of(&cases.iter().map(of).collect::<Vec<_>>());
    let rows = [
        ("", "", places(case::place_in_verdict)),
        (
            "naive_",
            " by three sigma",
            places(case::place_by_three_sigma),
        ),
        ("chance_", " by chance", Accuracy::chance(cases)),
    ];
    for (prefix, words, found) in rows {
        println!(
            "{:<36} {:>7.3} {:>7.3} {:>7.3}",
            format!("{name} ({}){words}", cases.len()),
            found.within[0],
            found.within[2],
            found.average()
        );
        put(keys, &format!("{prefix}{name}_ac1"), found.within[0]);
        put(keys, &format!("{prefix}{name}_ac3"), found.within[2]);
        put(keys, &format!("{prefix}{name}_avg5"), found.average());
    }
}

fn put(keys: &mut Map<String, Value>, key: &str, value: f64) {
    keys.insert(key.to_owned(), Value::from((value * 1e4).round() / 1e4));
}
