//! Post-processes trunk's output for a release: splits the WebAssembly module in two and concatenates the
//! style sheets.
//!
//! The first part contains what the join page needs until the user can type; the rest loads meanwhile
//! (docs/adr/0014-the-page-comes-in-two-parts.md).

mod type_ids;
mod wasm_split;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

use crate::command::{root, run_quietly};
use crate::setup::PageTools;

/// Splits and shrinks the WebAssembly module that trunk wrote to dist/, and concatenates the style sheets.
pub fn postprocess(tools: &PageTools) -> Result<()> {
    let dist = root()?.join("dist");
    let html = fs::read_to_string(dist.join("index.html")).context("trunk wrote no index.html")?;
    let html = split_module(&dist, &html, tools)?;
    let html = concatenate_style_sheets(&dist, &html)?;
    fs::write(dist.join("index.html"), html)?;
    Ok(())
}

fn split_module(dist: &Path, html: &str, tools: &PageTools) -> Result<String> {
    let whole = name_before(html, "_bg.wasm").context("index.html names no WebAssembly module")?;
    let listed = fs::read_to_string(root()?.join("frontend/page-split-allowlist.txt"))?;
    let listed: Vec<_> = listed
        .lines()
        .filter(|it| !it.is_empty() && !it.starts_with('#'))
        .collect();
    let parts = wasm_split::split(&fs::read(dist.join(&whole))?, &listed)?;
    let first = optimized(&parts.first, dist, tools)?;
    let rest = optimized(&parts.rest, dist, tools)?;
    fs::remove_file(dist.join(&whole))?;
    let glue = name_before(html, ".js").context("index.html names no script")?;
    let script = rename(fs::read_to_string(dist.join(&glue))?, &parts.renamed)?;
    fs::remove_file(dist.join(&glue))?;
    let script = write_hashed(dist, "snug", "js", script.as_bytes())?;
    let first = write_hashed(dist, "snug-first", "wasm", &first)?;
    let rest = write_hashed(dist, "snug-rest", "wasm", &rest)?;
    // Placed before all scripts: the first script reads it.
    let meta = format!("<head>\n<meta name=\"rest\" content=\"{rest}\">");
    let html = html.replace(&whole, &first).replace(&glue, &script);
    Ok(html.replacen("<head>", &meta, 1))
}

/// Renames the functions that the script provides as imports to the module, written as `name: function…`.
fn rename(script: String, renamed: &[(String, String)]) -> Result<String> {
    renamed.iter().try_fold(script, |script, (before, now)| {
        let (before, now) = (format!(" {before}: function"), format!(" {now}: function"));
        ensure!(
            script.matches(&before).count() == 1,
            "the script must contain exactly one `{before}`"
        );
        Ok(script.replacen(&before, &now, 1))
    })
}

/// Returns a part after optimization by wasm-opt, or unchanged if wasm-opt is not available.
fn optimized(wasm: &[u8], dist: &Path, tools: &PageTools) -> Result<Vec<u8>> {
    let Some(mut wasm_opt) = tools.wasm_opt()? else {
        return Ok(wasm.to_owned());
    };
    let path = dist.join("part");
    fs::write(&path, wasm)?;
    run_quietly(
        wasm_opt
            .args([
                "-Oz",
                "--reorder-functions",
                "--strip-producers",
                "--strip-target-features",
                "-o",
            ])
            .args([&path, &path]),
    )?;
    let optimized = fs::read(&path)?;
    fs::remove_file(path)?;
    Ok(optimized)
}

/// Concatenates the style sheets into one file, linked where the first of them was. They are small, and all
/// of them block rendering.
fn concatenate_style_sheets(dist: &Path, html: &str) -> Result<String> {
    const LINK: &str = "<link rel=\"stylesheet\"";
    let (mut sheet, mut other_lines) = (Vec::new(), Vec::new());
    let mut position = None;
    for line in html.lines() {
        if !line.starts_with(LINK) {
            other_lines.push(line.to_owned());
            continue;
        }
        let name = name_before(line, ".css").context("a style sheet has no name")?;
        sheet.extend(fs::read(dist.join(&name))?);
        fs::remove_file(dist.join(&name))?;
        position.get_or_insert(other_lines.len());
    }
    let name = write_hashed(dist, "snug", "css", &sheet)?;
    let position = position.context("index.html has no style sheet")?;
    other_lines.insert(position, format!("{LINK} href=\"{name}\">"));
    Ok(other_lines.join("\n"))
}

/// Returns the file's name in `…"/name-suffix"…`.
fn name_before(html: &str, suffix: &str) -> Option<String> {
    let before = &html[..html.find(suffix)?];
    let name = before.rsplit(['/', '"', '\'']).next()?;
    Some(format!("{name}{suffix}"))
}

/// Writes a file and returns its name, which contains a hash of the content: browsers cache these files for
/// ever.
fn write_hashed(dist: &Path, name: &str, extension: &str, content: &[u8]) -> Result<String> {
    let hash = Sha256::digest(content);
    let hash: String = hash.iter().take(8).map(|it| format!("{it:02x}")).collect();
    let name = format!("{name}-{hash}.{extension}");
    fs::write(dist.join(&name), content)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_links_every_style_sheet_once() {
        let root = root().expect("the workspace");
        let html = fs::read_to_string(root.join("index.html")).expect("index.html");
        for sheet in fs::read_dir(root.join("styles")).expect("styles/") {
            let name = sheet.expect("a file").file_name();
            let name = name.to_str().expect("a name in UTF-8");
            let links = html.matches(&format!("\"styles/{name}\"")).count();
            assert_eq!(links, 1, "{name}");
        }
    }
}
