//! Embeds the page: every file of `dist/` as it is, gzip and brotli, with its hash and content type, and
//! the Content-Security-Policy with the hashes of the inline scripts and styles of its index.html.
//! Without a built page the server still compiles, and says so when it is asked for one.

use std::{
    env,
    ffi::OsStr,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    let dist = Path::new("../dist");
    println!("cargo::rerun-if-changed=../dist");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        for entry in fs::read_dir(dist)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut page = String::from("static PAGE: &[Asset] = &[\n");
    for file in &files {
        embed(file, &out, &mut page)?;
    }
    page.push_str("];\n");
    let index = files
        .iter()
        .find(|it| it.file_name() == Some(OsStr::new("index.html")));
    let index = index.map(fs::read_to_string).transpose()?.unwrap_or_default();
    writeln!(page, "const CSP: &str = {:?};", policy(&index))?;
    fs::write(out.join("page.rs"), page)?;
    Ok(())
}

fn embed(file: &Path, out: &Path, page: &mut String) -> Result<()> {
    let name = file
        .file_name()
        .and_then(OsStr::to_str)
        .context("a file's name is not text")?;
    let plain = fs::read(file)?;
    let hash = Sha256::digest(&plain);
    let etag = hash[..8]
        .iter()
        .fold(String::new(), |tag, byte| tag + &format!("{byte:02x}"));
    let gzip = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&plain)?;
        encoder.finish()?
    };
    let mut brotli = Vec::new();
    let best = brotli::enc::BrotliEncoderParams {
        quality: if env::var("PROFILE")? == "release" { 11 } else { 5 },
        lgwin: 22,
        // A larger block than the quality would choose: the page is 0.6 kB less.
        lgblock: 20,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &plain[..], &mut brotli, &best)?;
    let bytes = |suffix: &str, bytes: &[u8]| -> Result<String> {
        // A compressed file that is not smaller is left out.
        if bytes.len() >= plain.len() && !suffix.is_empty() {
            return Ok("&[]".to_owned());
        }
        let path = out.join(format!("{name}{suffix}"));
        fs::write(&path, bytes)?;
        Ok(format!("include_bytes!({path:?})"))
    };
    let (gzip, brotli, plain_bytes) = (bytes(".gz", &gzip)?, bytes(".br", &brotli)?, bytes("", &plain)?);
    writeln!(
        page,
        "Asset {{ path: {:?}, kind: {:?}, etag: {:?}, immutable: {}, plain: {plain_bytes}, gzip: {gzip}, brotli: {brotli} }},",
        format!("/{name}"),
        kind(file),
        format!("\"{etag}\""),
        hashed(name),
    )?;
    Ok(())
}

fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(OsStr::to_str) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

/// Whether trunk has put a hash into the name: `name-0123456789abcdef.ext` and the like.
fn hashed(name: &str) -> bool {
    name.split(['-', '.', '_'])
        .any(|part| part.len() >= 15 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn policy(index: &str) -> String {
    let hashes = |tag: &str| -> String {
        inline(index, tag)
            .map(|text| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(text))))
            .collect()
    };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{}; style-src 'self'{}; connect-src 'self'; worker-src 'self'; \
         img-src 'self' data:; font-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; \
         frame-ancestors 'none'",
        hashes("script"),
        hashes("style"),
    )
}

/// The contents of the elements of that name that load nothing.
fn inline<'a>(html: &'a str, tag: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut rest = html;
    std::iter::from_fn(move || {
        let start = rest.find(&open)?;
        let head = rest[start..].find('>')? + start;
        let end = rest[head..].find(&close)? + head;
        let found = (&rest[start..head], &rest[head + 1..end]);
        rest = &rest[end + close.len()..];
        Some(found)
    })
    .filter(|(attributes, _)| !attributes.contains(" src="))
    .map(|(_, text)| text)
}
