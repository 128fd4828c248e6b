//! The pictures and sentences of the page "How Casebook decides": drawn and said by the core itself, so that the page
//! cannot show what the code does not do.
//!
//! `CASEBOOK_DRAW=1 cargo test -p casebook-core --test decides` draws them anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

mod fleet;
mod scenes;

use std::path::PathBuf;

fn files() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../js/jupyterlite_casebook/jupyterlite_casebook/files")
}

#[test]
fn the_pictures_of_the_page_are_what_the_core_draws() {
    let dir = files().join("how-casebook-decides");
    let draw = std::env::var_os("CASEBOOK_DRAW").is_some();
    for scene in scenes::all() {
        let path = dir.join(format!("{}.svg", scene.name));
        if draw {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(&path, &scene.svg).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == scene.svg,
            "{} is not what the core draws now: run the test once with CASEBOOK_DRAW=1, and look at it",
            path.display()
        );
        assert!(
            scene.svg.len() < 40_000,
            "{}: {}",
            scene.name,
            scene.svg.len()
        );
    }
}

#[test]
fn the_page_shows_every_picture_and_quotes_what_the_core_says() {
    let page = std::fs::read_to_string(files().join("how-casebook-decides.md")).unwrap();
    let flowing = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for scene in scenes::all() {
        let link = format!("](how-casebook-decides/{}.svg)", scene.name);
        assert!(page.contains(&link), "no picture {}", scene.name);
        for sentence in &scene.said {
            assert!(
                flowing.contains(sentence.as_str()),
                "the page does not say of {}: {sentence}",
                scene.name
            );
        }
    }
}
