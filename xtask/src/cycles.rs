//! Implements `cargo xtask test --only cycles`: modules of one folder must not depend on each other in a
//! cycle.
//!
//! Parses the sources into tokens: comments and strings are ignored, the contents of macros are included.
//! Each path that starts with `crate`, `self` or `super` is one dependency, between the two sibling modules
//! at which the path of the using module and the path of the used item diverge. Items in a folder's own
//! `mod.rs` may use all modules of the folder and may be used by them: only cycles among siblings fail. An
//! item that `mod.rs` imports from a sibling counts as that sibling's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::command::root;

/// The crates to check.
const CRATES: [&str; 3] = ["shared", "backend", "frontend"];

/// The path of a module or an item: names from the crate's root down.
type ModulePath = Vec<String>;

/// Maps each module of a folder to the siblings that it uses, each with one `file:line` that uses it.
type Siblings = BTreeMap<String, BTreeMap<String, String>>;

/// Fails if a folder of a crate has a dependency cycle.
pub fn check() -> Result<()> {
    let mut cycles = Vec::new();
    for name in CRATES {
        let mut sources = Vec::new();
        read(&root()?, &Path::new(name).join("src"), &[], &mut sources)?;
        sources.sort_by(|one, other| one.file.cmp(&other.file));
        for (folder, siblings) in dependencies(&sources)? {
            let folder = [&[name.to_owned()][..], &folder].concat().join("::");
            cycles.extend(shortest_cycle(&siblings).map(|cycle| format!("in {folder}:{cycle}")));
        }
    }
    if !cycles.is_empty() {
        bail!("modules depend on each other in a circle:\n{}", cycles.join("\n"));
    }
    Ok(())
}

/// A source file and the module that it defines.
struct Source {
    /// The path relative to the workspace's folder.
    file: String,
    module: ModulePath,
    text: String,
}

/// Reads all sources of a folder, which defines the given module.
fn read(root: &Path, folder: &Path, module: &[String], sources: &mut Vec<Source>) -> Result<()> {
    let entries = fs::read_dir(root.join(folder)).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = folder.join(entry?.file_name());
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut module = module.to_vec();
        if !["lib", "main", "mod"].contains(&&*stem) {
            module.push(stem.into_owned());
        }
        if root.join(&path).is_dir() {
            read(root, &path, &module, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let (file, text) = (path.display().to_string(), fs::read_to_string(root.join(&path))?);
            sources.push(Source { file, module, text });
        }
    }
    Ok(())
}

/// Returns the dependencies among siblings, for each folder of a crate.
fn dependencies(sources: &[Source]) -> Result<BTreeMap<ModulePath, Siblings>> {
    let mut scans = Vec::new();
    for source in sources {
        let Ok(tokens) = source.text.parse::<TokenStream>() else {
            bail!("{} is not Rust", source.file);
        };
        let mut scan = Scan::default();
        scan.tokens(tokens, &source.module);
        scans.push((source, scan));
    }
    let test_modules: BTreeSet<_> = scans
        .iter()
        .flat_map(|(_, scan)| scan.test_modules.clone())
        .collect();
    scans.retain(|(source, _)| !test_modules.iter().any(|test| source.module.starts_with(test)));

    let modules: BTreeSet<_> = scans.iter().map(|(source, _)| source.module.clone()).collect();
    let mut reexports = BTreeMap::new();
    for (source, scan) in &scans {
        for (name, path) in &scan.imports {
            let child = path.get(..=source.module.len());
            if let Some(child) =
                child.filter(|child| path.starts_with(&source.module) && modules.contains(*child))
            {
                let mut item = source.module.clone();
                item.push(name.clone());
                reexports.insert(item, child.to_vec());
            }
        }
    }

    let mut folders: BTreeMap<ModulePath, Siblings> = BTreeMap::new();
    for (source, scan) in &scans {
        for (path, line) in &scan.paths {
            let common = source.module.iter().zip(path).take_while(|(a, b)| a == b).count();
            let (Some(from), Some(target)) = (source.module.get(common), path.get(..=common)) else {
                continue;
            };
            let target = reexports.get(target).map_or(target, Vec::as_slice);
            if modules.contains(target) && target[common] != *from {
                let siblings = folders.entry(path[..common].to_vec()).or_default();
                let place = format!("{}:{line}", source.file);
                let uses = siblings.entry(from.clone()).or_default();
                uses.entry(target[common].clone()).or_insert(place);
            }
        }
    }
    Ok(folders)
}

/// The paths and imports found in the tokens of one file.
#[derive(Default)]
struct Scan {
    /// All paths from the crate's root, each with its line.
    paths: Vec<(ModulePath, usize)>,
    /// Names that `use` imports into the file's module, each with the path that it refers to.
    imports: Vec<(String, ModulePath)>,
    /// Modules in other files that are compiled only for tests.
    test_modules: Vec<ModulePath>,
}

impl Scan {
    /// Scans the tokens of a file, or of a part of it, as tokens of the given module.
    fn tokens(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += match rest {
                [hash, attribute, ..] if is(hash, "#") && is_for_tests(attribute) => {
                    self.skip_item(rest, module)
                }
                [keyword, name, TokenTree::Group(body), ..] if is(keyword, "mod") => {
                    self.tokens(body.stream(), &[module, &[name.to_string()]].concat());
                    3
                }
                [keyword, ..] if is(keyword, "use") => {
                    self.tree(&rest[1..], &[], module, true);
                    rest.iter().position(|token| is(token, ";")).unwrap_or(rest.len())
                }
                [start, colon, ..] if is_anchor(start) && is(colon, ":") => {
                    1 + self.tree(rest, &[], module, false)
                }
                [TokenTree::Group(group), ..] => {
                    self.tokens(group.stream(), module);
                    1
                }
                _ => 1,
            };
        }
    }

    /// Scans one path, or the tree of paths of a `use`. Returns the number of tokens up to its end or its
    /// braces.
    fn tree(&mut self, tokens: &[TokenTree], prefix: &[String], module: &[String], import: bool) -> usize {
        let mut path = prefix.to_vec();
        let mut at = 0;
        loop {
            match &tokens[at.min(tokens.len())..] {
                [TokenTree::Ident(name), ..] => path.push(name.to_string()),
                [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace && at > 0 => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    for branch in inner
                        .split(|token| is(token, ","))
                        .filter(|branch| !branch.is_empty())
                    {
                        self.tree(branch, &path, module, import);
                    }
                    return at;
                }
                _ => {}
            }
            match &tokens[(at + 1).min(tokens.len())..] {
                [first, second, ..] if is(first, ":") && is(second, ":") => at += 3,
                rest => {
                    let alias = rest
                        .get(1)
                        .filter(|_| rest.first().is_some_and(|token| is(token, "as")));
                    let name = alias.map(ToString::to_string);
                    let line = tokens.get(at).map_or(0, |token| token.span().start().line);
                    self.add(path, name, line, module, import);
                    return at;
                }
            }
        }
    }

    /// Adds a path as written in the given module. A path that does not start at this crate's root is used
    /// only as an import.
    fn add(
        &mut self,
        mut path: ModulePath,
        alias: Option<String>,
        line: usize,
        module: &[String],
        import: bool,
    ) {
        let anchored = matches!(path.first().map(String::as_str), Some("crate" | "self" | "super"));
        let mut from_root = if path.first().is_some_and(|first| first == "crate") {
            Vec::new()
        } else {
            module.to_vec()
        };
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        for name in path {
            match name.as_str() {
                "crate" | "self" => {}
                "super" => drop(from_root.pop()),
                _ => from_root.push(name),
            }
        }
        if import && let Some(name) = alias.or_else(|| from_root.last().cloned()) {
            self.imports.push((name, from_root.clone()));
        }
        if anchored {
            self.paths.push((from_root, line));
        }
    }

    /// Returns the number of tokens of a test-only item, and records the item if it is a module in a separate
    /// file.
    fn skip_item(&mut self, tokens: &[TokenTree], module: &[String]) -> usize {
        let end = tokens.iter().skip(2).position(|token| {
            matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
                || is(token, ";")
        });
        let length = end.map_or(tokens.len(), |end| end + 3);
        if let [.., keyword, name, semicolon] = &tokens[..length]
            && is(keyword, "mod")
            && is(semicolon, ";")
        {
            self.test_modules.push([module, &[name.to_string()]].concat());
        }
        length
    }
}

fn is(token: &TokenTree, text: &str) -> bool {
    !matches!(token, TokenTree::Group(_)) && token.to_string() == text
}

fn is_anchor(token: &TokenTree) -> bool {
    ["crate", "self", "super"].iter().any(|anchor| is(token, anchor))
}

/// Returns whether an attribute is `[cfg(test)]`, alone or with other conditions.
fn is_for_tests(attribute: &TokenTree) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text.starts_with("[cfg(test)") || text.starts_with("[cfg(all(test,")
}

/// Formats the shortest cycle among all modules, one line per step.
fn shortest_cycle(siblings: &Siblings) -> Option<String> {
    let cycles = siblings.keys().filter_map(|start| cycle_through(siblings, start));
    let steps = cycles.min_by_key(Vec::len)?;
    let lines = steps
        .iter()
        .map(|(from, to)| format!("\n  {from} -> {to} ({})", siblings[*from][*to]));
    Some(lines.collect())
}

/// Returns the steps of the shortest cycle through this module.
fn cycle_through<'a>(siblings: &'a Siblings, start: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut reached_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(from) = queue.pop_front() {
        for to in siblings.get(from).into_iter().flat_map(BTreeMap::keys) {
            if !reached_from.contains_key(to.as_str()) {
                reached_from.insert(to, from);
                queue.push_back(to);
            }
        }
    }
    let mut steps = Vec::new();
    let mut to = start;
    loop {
        let from = *reached_from.get(to)?;
        steps.insert(0, (from, to));
        if from == start {
            return Some(steps);
        }
        to = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the shortest cycle among modules with the given names and texts.
    fn cycle_in(files: &[(&str, &str)]) -> Option<String> {
        let sources: Vec<_> = files
            .iter()
            .map(|(module, text)| Source {
                file: format!("{module}.rs"),
                module: module.split_terminator('/').map(str::to_owned).collect(),
                text: (*text).to_owned(),
            })
            .collect();
        let folders = dependencies(&sources).expect("Rust");
        folders.values().find_map(shortest_cycle)
    }

    #[test]
    fn the_shortest_cycle_is_named_with_a_line_for_each_step() {
        let cycle = cycle_in(&[
            ("a", "use crate::{c::C, d::D};"),
            ("b", "fn f() {\n    super::a::g()\n}"),
            ("c", "use crate::{\n    b::{self, B},\n};"),
            ("d", "use crate::c::*;"),
        ]);
        let expected = "\n  a -> c (a.rs:1)\n  c -> b (c.rs:2)\n  b -> a (b.rs:2)";
        assert_eq!(cycle.as_deref(), Some(expected));
    }

    #[test]
    fn modules_may_use_each_other_in_one_direction() {
        let files = [
            ("", "mod a; use b::B;"),
            ("a", "use crate::{b::B, Root};"),
            ("b", "use crate::Root;"),
        ];
        assert_eq!(cycle_in(&files), None);
    }

    #[test]
    fn comments_strings_and_tests_do_not_count() {
        let b = "//! crate::a\n/// [`crate::a::A`]\nconst B: &str = \"crate::a::A\"; // crate::a::A";
        let tests = "#[cfg(test)]\nmod tests { use crate::a::A; }\n#[cfg(test)]\nmod more;";
        let files = [
            ("a", "use crate::b::B;"),
            ("b", &format!("{b}\n{tests}")),
            ("b/more", "use crate::a::A;"),
        ];
        assert_eq!(cycle_in(&files), None);
    }

    #[test]
    fn paths_in_macros_count() {
        let b = "fn view() -> Html { html! { <div><crate::a::A name={1} /></div> } }";
        assert!(cycle_in(&[("a", "use crate::b::B;"), ("b", b)]).is_some());
    }

    #[test]
    fn an_imported_item_belongs_to_the_sibling_that_has_it() {
        let files = [
            ("rooms", "mod a; mod b; pub use b::B; pub struct Own;"),
            ("rooms/a", "use super::{B, Own};"),
            ("rooms/b", "mod inner { use super::super::a::A; }"),
        ];
        let cycle = cycle_in(&files);
        assert_eq!(
            cycle.as_deref(),
            Some("\n  a -> b (rooms/a.rs:1)\n  b -> a (rooms/b.rs:1)")
        );
    }

    #[test]
    fn folders_depend_on_each_other_by_what_they_contain() {
        let files = [
            ("a", "mod four; mod one;"),
            ("b", "mod three; mod two;"),
            ("a/one", "use crate::b::two::Two;"),
            ("b/three", "use crate::a::four::Four;"),
        ];
        assert!(cycle_in(&files).is_some());
    }
}
