//! Labelled cases from a folder, in the layout that `crates/core/README.md` documents.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use crate::case::{Case, Samples};
use crate::csv;

const TABLES: [&str; 2] = ["data.csv", "metrics.csv"];

/// Every case below `folder`, in the order of their paths.
pub(crate) fn cases(folder: &Path) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut tables = Vec::new();
    find(folder, &mut tables)?;
    tables.sort();
    if tables.is_empty() {
        return Err(format!("no data.csv or metrics.csv below {}", folder.display()).into());
    }
    tables.iter().map(|table| case(folder, table)).collect()
}

fn find(folder: &Path, tables: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder).map_err(|error| at(folder, error))? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, tables)?;
        } else if TABLES.iter().any(|name| path.ends_with(name)) {
            tables.push(path);
        }
    }
    Ok(())
}

fn case(root: &Path, table: &Path) -> Result<Case, Box<dyn Error>> {
    let folder = table.parent().unwrap_or(root);
    let name = folder
        .strip_prefix(root)
        .unwrap_or(folder)
        .display()
        .to_string();
    let moment = first_word(&folder.join("inject_time.txt"))?
        .parse::<f64>()
        .map_err(|error| at(&folder.join("inject_time.txt"), error))?;
    let truth = match first_word(&folder.join("service.txt")) {
        Ok(truth) => truth,
        Err(_) => truth_of(root, folder).ok_or_else(|| {
            at(
                folder,
                "neither service.txt nor a folder named SERVICE_FAULT says which service it was",
            )
        })?,
    };
    let text = fs::read_to_string(table).map_err(|error| at(table, error))?;
    let samples = samples(&text, &truth).map_err(|error| at(table, error))?;
    Case::split(name, truth, &samples, moment)
        .ok_or_else(|| at(table, format!("no rows before, or none from, {moment}")))
}

/// `checkoutservice_cpu/3` says `checkoutservice`.
fn truth_of(root: &Path, folder: &Path) -> Option<String> {
    folder
        .ancestors()
        .take_while(|path| *path != root)
        .find_map(|path| Some(path.file_name()?.to_str()?.rsplit_once('_')?.0.to_owned()))
}

/// Time in the first column, then one column per `service_metric`. A service may have an underscore in its
/// name, or a metric: the true service tells which of the two it is.
fn samples(text: &str, truth: &str) -> Result<Samples, Box<dyn Error>> {
    let mut lines = text.lines();
    let head = csv::cells(lines.next().ok_or("the file is empty")?);
    let first = |name: &str| {
        name.split_once('_')
            .map(|(s, m)| (s.to_owned(), m.to_owned()))
    };
    let last = |name: &str| {
        name.rsplit_once('_')
            .map(|(s, m)| (s.to_owned(), m.to_owned()))
    };
    let known = |of: &dyn Fn(&str) -> Option<(String, String)>| {
        head.iter()
            .any(|name| of(name).is_some_and(|(service, _)| service == truth))
    };
    let apart = |name: &str| {
        if known(&first) || !known(&last) {
            first(name)
        } else {
            last(name)
        }
    };
    let mut samples = Samples::default();
    let keys: Vec<Option<(String, String)>> = head
        .iter()
        .map(|name| apart(name).filter(|_| !name.starts_with("time")))
        .collect();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let cells = csv::cells(line);
        let time = cells.first().and_then(|cell| cell.parse().ok());
        samples
            .times
            .push(time.ok_or_else(|| format!("{line:.40} does not begin with a time"))?);
        for (key, cell) in keys.iter().zip(&cells).skip(1) {
            if let Some(key) = key {
                let column = samples.columns.entry(key.clone()).or_default();
                column.push(csv::number(cell));
            }
        }
    }
    let rows = samples.times.len();
    samples.columns.retain(|_, values| values.len() == rows);
    Ok(samples)
}

fn first_word(path: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| at(path, error))?;
    let word = text.split_whitespace().next();
    Ok(word.ok_or_else(|| at(path, "it is empty"))?.to_owned())
}

fn at(path: &Path, what: impl std::fmt::Display) -> Box<dyn Error> {
    format!("{}: {what}", path.display()).into()
}
