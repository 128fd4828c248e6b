//! Brotli and gzip beside each static file, so that the proxy compresses nothing while it serves.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::stamp::files_below;

/// Text and wasm shrink; wheels, pictures and fonts are compressed already.
const EXTENSIONS: [&str; 10] = [
    "css", "html", "ico", "ipynb", "js", "json", "mjs", "svg", "txt", "wasm",
];
/// Below this the answer is one packet anyway.
const MIN_BYTES: u64 = 1024;
/// The middle of the scale: the next levels cost several times the seconds for a few per cent.
const BROTLI_QUALITY: i32 = 5;
/// 4 MiB: Pyodide's wasm is 9 MB with long repeats.
const BROTLI_WINDOW: i32 = 22;

/// How much a pass did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    /// Files that now have both forms beside them.
    pub(crate) files: usize,
    /// How many of those had to be compressed rather than taken from the cache.
    pub(crate) compressed: usize,
}

/// Compresses every fitting file below `site`, from a cache of contents where it can, and removes stale forms.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn compress(site: &Path, cache: &Path) -> Result<Pass> {
    std::fs::create_dir_all(cache)
        .with_context(|| format!("{} cannot be made", cache.display()))?;
    let all = all_files(site)?;
    let sources: Vec<&PathBuf> = all.iter().filter(|file| is_compressible(file)).collect();
    remove_stale(&all, &sources)?;
    let next = AtomicUsize::new(0);
    let compressed = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            while let Some(file) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                if both_forms(file, cache)? {
                    compressed.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok(())
        };
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles.into_iter().try_for_each(|handle| {
            handle
                .join()
                .map_err(|_| anyhow!("a compressing thread died"))?
        })
    })?;
    Ok(Pass {
        files: sources.len(),
        compressed: compressed.into_inner(),
    })
}

/// Unlike inputs of a step, a site's folders all count, whatever their names.
fn all_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in
        std::fs::read_dir(dir).with_context(|| format!("{} cannot be listed", dir.display()))?
    {
        let path = entry
            .with_context(|| format!("{} cannot be listed", dir.display()))?
            .path();
        if path.is_dir() {
            found.extend(all_files(&path)?)
        } else {
            found.extend(files_below(&path)?)
        }
    }
    Ok(found)
}

fn is_compressible(file: &Path) -> bool {
    let extension = file
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    EXTENSIONS.contains(&extension.as_str())
        && file
            .metadata()
            .is_ok_and(|metadata| metadata.len() >= MIN_BYTES)
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A form whose source has gone or shrunk would be served in its place.
fn remove_stale(all: &[PathBuf], sources: &[&PathBuf]) -> Result<()> {
    let wanted: HashSet<PathBuf> = sources
        .iter()
        .flat_map(|file| [with_suffix(file, ".br"), with_suffix(file, ".gz")])
        .collect();
    for file in all {
        let is_form = file
            .extension()
            .is_some_and(|extension| extension == "br" || extension == "gz");
        if is_form && !wanted.contains(file) {
            std::fs::remove_file(file)
                .with_context(|| format!("{} cannot be removed", file.display()))?;
        }
    }
    Ok(())
}

/// Puts both forms beside a file; tells whether it had to compress.
fn both_forms(file: &Path, cache: &Path) -> Result<bool> {
    let content =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let digest: String = Sha256::digest(&content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut worked = false;
    for (suffix, pack) in [
        (".br", quick_brotli as fn(&[u8]) -> Result<Vec<u8>>),
        (".gz", gzip),
    ] {
        let kept = cache.join(format!("{digest}{suffix}"));
        if !kept.is_file() {
            // Renamed into place, so that an interrupted run leaves no half file in the cache.
            let partial = cache.join(format!(
                "{digest}{suffix}.{:?}",
                std::thread::current().id()
            ));
            std::fs::write(&partial, pack(&content)?)
                .with_context(|| format!("{} cannot be written", partial.display()))?;
            std::fs::rename(&partial, &kept)
                .with_context(|| format!("{} cannot be written", kept.display()))?;
            worked = true;
        }
        let beside = with_suffix(file, suffix);
        std::fs::copy(&kept, &beside)
            .with_context(|| format!("{} cannot be written", beside.display()))?;
    }
    Ok(worked)
}

fn quick_brotli(content: &[u8]) -> Result<Vec<u8>> {
    brotli(content, BROTLI_QUALITY)
}

/// The brotli form of a file; 11 is the best quality.
///
/// # Errors
/// Those of the encoder.
pub(crate) fn brotli(content: &[u8], quality: i32) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: BROTLI_WINDOW,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params).context("brotli failed")?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).context("gzip failed")?;
    encoder.finish().context("gzip failed")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_hold_the_file_and_a_second_pass_takes_them_from_the_cache() {
        let dir = tempfile::tempdir().unwrap();
        let (site, cache) = (dir.path().join("site"), dir.path().join("cache"));
        std::fs::create_dir_all(site.join("build")).unwrap();
        let text = "let casebook = 1;\n".repeat(200);
        std::fs::write(site.join("build/app.js"), &text).unwrap();
        std::fs::write(site.join("small.js"), "1").unwrap();
        assert_eq!(
            compress(&site, &cache).unwrap(),
            Pass {
                files: 1,
                compressed: 1
            }
        );
        assert_eq!(
            compress(&site, &cache).unwrap(),
            Pass {
                files: 1,
                compressed: 0
            }
        );

        let mut unpacked = String::new();
        brotli::Decompressor::new(
            &std::fs::read(site.join("build/app.js.br")).unwrap()[..],
            4096,
        )
        .read_to_string(&mut unpacked)
        .unwrap();
        assert_eq!(unpacked, text);
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(&std::fs::read(site.join("build/app.js.gz")).unwrap()[..])
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        assert!(!site.join("small.js.br").exists());
    }

    #[test]
    fn a_form_whose_source_is_gone_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("old.js.br"), "x").unwrap();
        compress(dir.path(), &dir.path().join("cache")).unwrap();
        assert!(!dir.path().join("old.js.br").exists());
    }
}
