//! `cargo xtask screenshots`: every picture of README.md and the pages: those of the practice incident, taken in the
//! browser, and those of "How Casebook decides", drawn by the core.

use anyhow::Result;

use crate::browser;
use crate::build;
use crate::preflight::{self, Purpose};
use crate::programs;
use crate::session::Session;

const PICTURES: &str = "tests/browser/screenshots";
const DRAWINGS: &str = "js/jupyterlite_casebook/jupyterlite_casebook/files/how-casebook-decides";

/// Draws the pictures of the page, builds, opens the practice incident in Chromium, and writes the pictures.
///
/// # Errors
/// What is missing, what failed to build, or the browser's own error.
pub(crate) fn run() -> Result<()> {
    let session = Session::open()?;
    preflight::check(&session, Purpose::Test)?;
    // First, as the site carries them.
    session.step("draw the pictures of the page", |log| {
        let mut cargo = programs::cargo_for_all(&session.workspace, "test");
        log.run(cargo.args(["--test", "decides"]).env("CASEBOOK_DRAW", "1"))
    })?;
    build::for_browser(&session)?;
    let pictures = session.workspace.path(PICTURES);
    session.step("take the pictures of the practice incident", |log| {
        log.run(browser::playwright(&session, &["pictures"]).env("CASEBOOK_PICTURES", &pictures))
    })?;
    println!("pictures: {PICTURES}, {DRAWINGS}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    const ENDINGS: [&str; 6] = [".png", ".svg", ".gif", ".jpg", ".jpeg", ".webp"];

    /// The pictures of its own repository that a page links, in markdown and in HTML.
    fn pictures(page: &str) -> Vec<&str> {
        let ends = |c: char| c == ')' || c == '"' || c.is_whitespace();
        ["](", "src=\"", "srcset=\""]
            .iter()
            .flat_map(|begin| page.split(begin).skip(1))
            .filter_map(|rest| rest.split(ends).next())
            .filter(|link| !link.contains(':') && ENDINGS.iter().any(|end| link.ends_with(end)))
            .collect()
    }

    /// Those that a tracked page links and that are not there.
    fn missing(root: &Path) -> Vec<PathBuf> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "*.md"])
            .current_dir(root)
            .output()
            .unwrap();
        assert!(listed.status.success(), "{listed:?}");
        let names = String::from_utf8(listed.stdout).unwrap();
        let pages: Vec<_> = names
            .split_terminator('\0')
            .map(|name| root.join(name))
            .collect();
        assert!(pages.len() > 5, "the pages of the repository");
        pages
            .iter()
            .flat_map(|path| {
                let page = std::fs::read_to_string(path).unwrap();
                let linked: Vec<_> = pictures(&page)
                    .iter()
                    .map(|link| path.with_file_name(link))
                    .collect();
                linked
            })
            .filter(|picture| !picture.is_file())
            .collect()
    }

    #[test]
    fn every_picture_that_a_page_links_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let missing = missing(&root);
        assert!(
            missing.is_empty(),
            "`cargo xtask screenshots` makes {missing:?}"
        );
    }

    #[test]
    fn a_link_to_a_picture_is_seen_however_it_is_written() {
        let page = "[![a](a.png)](b.md) ![c](d/e.svg \"title\")\n<img src=\"f.png\"> ![g](https://h.test/i.png)";
        assert_eq!(pictures(page), ["a.png", "d/e.svg", "f.png"]);
    }
}
