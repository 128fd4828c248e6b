//! PetShop (amazon-science/petshop-root-cause-analysis): injected issues in a shop of some forty services.

use std::error::Error;
use std::fs;
use std::path::Path;

use crate::case::{Case, Samples};
use crate::csv;

/// Scenarios whose baseline is in the data.
const SCENARIOS: [&str; 2] = ["low_traffic", "high_traffic"];

/// The cases of `split`, `test` or `train`: the baseline is the scenario's `noissue`, the incident the rows
/// from the moment that the issue was noticed on.
pub(crate) fn cases(petshop: &Path, split: &str) -> Result<Vec<Case>, Box<dyn Error>> {
    let mut cases = Vec::new();
    for scenario in SCENARIOS {
        let folder = petshop.join("dataset").join(scenario);
        let before = samples(&folder.join("noissue/metrics.csv"))?;
        let mut issues: Vec<_> = fs::read_dir(folder.join(split))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        issues.sort();
        for issue in issues {
            let target = fs::read_to_string(issue.join("target.json"))?;
            let target: serde_json::Value = serde_json::from_str(&target)?;
            let moment = target["target"]["timestamp"]
                .as_f64()
                .ok_or("no timestamp")?;
            let truth = target["root_cause"]["node"].as_str().ok_or("no node")?;
            let mut now = samples(&issue.join("metrics.csv"))?;
            let first = now.times.partition_point(|time| *time < moment);
            now.times.drain(..first);
            for values in now.columns.values_mut() {
                values.drain(..first);
            }
            let name = issue.display().to_string();
            cases.extend(Case::apart(name, truth.to_owned(), &before, &now));
        }
    }
    Ok(cases)
}

/// Three rows of headings: service, metric, statistic; then a row of the index's name.
fn samples(path: &Path) -> Result<Samples, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rows: Vec<Vec<String>> = text.lines().map(csv::cells).collect();
    let [services, metrics, statistics, _, body @ ..] = rows.as_slice() else {
        return Err(format!("{}: no headings", path.display()).into());
    };
    let mut samples = Samples::default();
    for row in body {
        samples.times.push(csv::number(&row[0]));
        for column in 1..row.len() {
            let metric = format!("{}_{}", metrics[column], statistics[column]);
            let key = (services[column].clone(), metric);
            samples
                .columns
                .entry(key)
                .or_default()
                .push(csv::number(&row[column]));
        }
    }
    Ok(samples)
}
