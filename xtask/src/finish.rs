//! The page as it is released: its program in two parts, what one needs to see the door and to type, and the rest, which
//! comes while one reads it (docs/adr/0014-the-page-comes-in-two-parts.md); its style sheets in one file.

mod module;
mod type_ids;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

use crate::command::{root, run_quietly};
use crate::setup::PageTools;

/// Takes what trunk has left in dist/, parts the program and makes both parts small, and joins the style sheets.
pub fn finish(tools: &PageTools) -> Result<()> {
    let dist = root()?.join("dist");
    let html = fs::read_to_string(dist.join("index.html")).context("trunk left no index.html")?;
    let html = part_program(&dist, &html, tools)?;
    let html = join_sheets(&dist, &html)?;
    fs::write(dist.join("index.html"), html)?;
    Ok(())
}

fn part_program(dist: &Path, html: &str, tools: &PageTools) -> Result<String> {
    let whole = name_before(html, "_bg.wasm").context("index.html names no program")?;
    let listed = fs::read_to_string(root()?.join("frontend/first.txt"))?;
    let listed: Vec<_> = listed
        .lines()
        .filter(|it| !it.is_empty() && !it.starts_with('#'))
        .collect();
    let parts = module::part(&fs::read(dist.join(&whole))?, &listed)?;
    let first = shrunk(&parts.first, dist, tools)?;
    let rest = shrunk(&parts.rest, dist, tools)?;
    fs::remove_file(dist.join(&whole))?;
    let glue = name_before(html, ".js").context("index.html names no script")?;
    let script = rename(fs::read_to_string(dist.join(&glue))?, &parts.renamed)?;
    fs::remove_file(dist.join(&glue))?;
    let script = put(dist, "snug", "js", script.as_bytes())?;
    let first = put(dist, "snug-first", "wasm", &first)?;
    let rest = put(dist, "snug-rest", "wasm", &rest)?;
    // Before all scripts, of which the first looks for it.
    let meta = format!("<head>\n<meta name=\"rest\" content=\"{rest}\">");
    let html = html.replace(&whole, &first).replace(&glue, &script);
    Ok(html.replacen("<head>", &meta, 1))
}

/// The script with other names for what it gives to the program, which it has as `name: function…`.
fn rename(script: String, renamed: &[(String, String)]) -> Result<String> {
    renamed.iter().try_fold(script, |script, (before, now)| {
        let (before, now) = (format!(" {before}: function"), format!(" {now}: function"));
        ensure!(
            script.matches(&before).count() == 1,
            "the script has not one{before}"
        );
        Ok(script.replacen(&before, &now, 1))
    })
}

/// A part as wasm-opt leaves it, if there is one.
fn shrunk(wasm: &[u8], dist: &Path, tools: &PageTools) -> Result<Vec<u8>> {
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
    let shrunk = fs::read(&path)?;
    fs::remove_file(path)?;
    Ok(shrunk)
}

/// The style sheets as one, where the first of them was: they are small, and all are waited for.
fn join_sheets(dist: &Path, html: &str) -> Result<String> {
    const LINK: &str = "<link rel=\"stylesheet\"";
    let (mut sheet, mut without) = (Vec::new(), Vec::new());
    let mut place = None;
    for line in html.lines() {
        if !line.starts_with(LINK) {
            without.push(line.to_owned());
            continue;
        }
        let name = name_before(line, ".css").context("a style sheet has no name")?;
        sheet.extend(fs::read(dist.join(&name))?);
        fs::remove_file(dist.join(&name))?;
        place.get_or_insert(without.len());
    }
    let name = put(dist, "snug", "css", &sheet)?;
    let place = place.context("index.html has no style sheet")?;
    without.insert(place, format!("{LINK} href=\"{name}\">"));
    Ok(without.join("\n"))
}

/// The file's name in `…"/name-suffix"…`.
fn name_before(html: &str, suffix: &str) -> Option<String> {
    let before = &html[..html.find(suffix)?];
    let name = before.rsplit(['/', '"', '\'']).next()?;
    Some(format!("{name}{suffix}"))
}

/// Writes a file, and gives its name, which changes with what it holds: browsers keep it for ever.
fn put(dist: &Path, name: &str, extension: &str, content: &[u8]) -> Result<String> {
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
