//! Splits a WebAssembly module in two.
//!
//! The first part contains every function that is reachable by direct calls from its roots: the exported
//! functions, and those of the function table that `frontend/page-split-allowlist.txt` allows. So the first
//! part calls the rest only through the function table. The rest puts its functions there when it loads;
//! until then each of their slots holds a stub, which loads the rest and repeats the call. The rest has no
//! memory, table or global of its own: it imports those of the first part, and every function of the first
//! part that it calls.

use std::collections::{HashMap, HashSet};
use std::mem;

use anyhow::{Context as _, Result, bail};
use walrus::ir::{Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, GlobalKind,
    ImportKind, ImportedFunction, Module, ModuleConfig, TableId, passes,
};

use super::type_ids;

/// The function, exported by the page, that loads the rest synchronously (frontend/src/lazy_module.rs).
const FETCH: &str = "fetch_rest_now";
/// The module name under which the rest imports the first part.
const FIRST: &str = "";

pub struct Parts {
    pub first: Vec<u8>,
    pub rest: Vec<u8>,
    /// The imports from JavaScript that were renamed: (old name, new name).
    pub renamed: Vec<(String, String)>,
}

/// Splits a module that has a name section. `listed` are the paths, without the `snug_` prefix of their
/// crates, that a function of the first part may mention. A path with a leading `!` is excluded.
pub fn split(wasm: &[u8], listed: &[&str]) -> Result<Parts> {
    // Parsed twice, identically: a function has the same index in both modules.
    let (mut first, mut rest) = (parse(wasm)?, parse(wasm)?);
    let ids = type_ids::find(&first);
    let (locals, rest_locals) = (LocalFunctions::of(&first), LocalFunctions::of(&rest));
    let indirect = IndirectCalls::of(&first, &locals)?;
    let fetch = first
        .exports
        .get_func(FETCH)
        .with_context(|| format!("the page exports no {FETCH}"))?;
    let first_part = reachable(&first, &locals, roots(&first, &locals, &indirect, listed));
    insert_stubs(&mut first, &locals, &indirect, &first_part, fetch);
    empty(&mut rest);
    let exports = import(
        &first,
        &mut rest,
        first_part
            .iter()
            .map(|it| (locals.ids[*it], rest_locals.ids[*it])),
    )?;
    let slots = indirect
        .slots
        .iter()
        .filter(|(_, index)| !first_part.contains(index));
    fill_table(
        &mut rest,
        slots.map(|(slot, index)| (*slot, rest_locals.ids[*index])),
    )?;
    passes::gc::run(&mut rest);
    export(&mut first, &mut rest, &exports);
    passes::gc::run(&mut first);
    type_ids::move_to_rest(&ids, &mut first, &mut rest);
    Ok(Parts {
        renamed: shorten_imports(&mut first),
        first: first.emit_wasm(),
        rest: rest.emit_wasm(),
    })
}

fn parse(wasm: &[u8]) -> Result<Module> {
    let mut config = ModuleConfig::new();
    // The names are not needed in the output.
    config
        .generate_name_section(false)
        .generate_producers_section(false);
    config.parse(wasm).context("this is not a WebAssembly module")
}

/// The functions that are not imports, by their index.
struct LocalFunctions {
    ids: Vec<FunctionId>,
    indices: HashMap<FunctionId, usize>,
}

impl LocalFunctions {
    fn of(module: &Module) -> Self {
        let ids: Vec<_> = module.funcs.iter_local().map(|(id, _)| id).collect();
        let indices = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        Self { ids, indices }
    }
}

/// The functions that can be called indirectly: the function table, and its slots with the index of the
/// function in each.
struct IndirectCalls {
    table: TableId,
    slots: Vec<(i32, usize)>,
}

impl IndirectCalls {
    fn of(module: &Module, locals: &LocalFunctions) -> Result<Self> {
        let table = module
            .tables
            .main_function_table()?
            .context("the module has no function table")?;
        let mut slots = Vec::new();
        for element in module.elements.iter() {
            let (ElementKind::Active { table: of, offset }, ElementItems::Functions(functions)) =
                (&element.kind, &element.items)
            else {
                continue;
            };
            if *of != table {
                continue;
            }
            let ConstExpr::Value(Value::I32(offset)) = offset else {
                bail!("the offset of a table segment is not a constant");
            };
            let indices = functions.iter().map(|it| locals.indices.get(it));
            slots.extend(
                (*offset..)
                    .zip(indices)
                    .filter_map(|(slot, it)| Some((slot, *it?))),
            );
        }
        Ok(Self { table, slots })
    }
}

/// Returns the functions that the first part must contain: those that JavaScript calls, and those of the
/// table that mention only listed paths of Snug.
fn roots(module: &Module, locals: &LocalFunctions, indirect: &IndirectCalls, listed: &[&str]) -> Vec<usize> {
    let exported = module.exports.iter().filter_map(|it| match it.item {
        ExportItem::Function(function) => locals.indices.get(&function).copied(),
        _ => None,
    });
    let in_table = indirect.slots.iter().map(|(_, index)| *index);
    let (excluded, listed): (Vec<&str>, Vec<&str>) = listed.iter().partition(|it| it.starts_with('!'));
    let excluded: Vec<_> = excluded.iter().map(|it| it.trim_start_matches('!')).collect();
    let allowed = in_table.filter(|index| {
        let name = module.funcs.get(locals.ids[*index]).name.as_deref();
        let name = name.unwrap_or_default();
        let is_listed = |path: String| {
            let begins = |with: &[&str]| with.iter().any(|it| path.starts_with(it));
            begins(&listed) && !begins(&excluded)
        };
        let plain = without_hashes(name);
        mentioned(name).all(is_listed) && !excluded.iter().any(|it| plain.contains(it))
    });
    exported.chain(allowed).collect()
}

/// Returns the paths of Snug that a function's name mentions, including its type parameters:
/// `frontend::app::App>::view`.
fn mentioned(name: &str) -> impl Iterator<Item = String> {
    name.split("snug_").skip(1).map(|it| {
        // A crate's name may be followed by its hash: `frontend[2c51]::app::App`.
        let (name, path) = it.split_once("::").unwrap_or((it, ""));
        let name = name.split('[').next().unwrap_or_default();
        format!("{name}::{path}")
    })
}

/// Removes the crate hashes from a name: `core[2c51]::fmt` becomes `core::fmt`.
fn without_hashes(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for part in name.split_inclusive(']') {
        let (before, hash) = part.rsplit_once('[').unwrap_or((part, ""));
        plain.push_str(before);
        if !(hash.len() > 1 && hash[..hash.len() - 1].bytes().all(|it| it.is_ascii_hexdigit())) {
            plain.push_str(&part[before.len()..]);
        }
    }
    plain
}

/// Returns the roots and all functions that they call directly or transitively.
fn reachable(module: &Module, locals: &LocalFunctions, roots: Vec<usize>) -> HashSet<usize> {
    struct Calls<'a>(&'a mut Vec<FunctionId>);
    impl Visitor<'_> for Calls<'_> {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.0.push(*function);
        }
    }
    let mut reachable: HashSet<usize> = roots.iter().copied().collect();
    let mut open = roots;
    let mut called = Vec::new();
    while let Some(index) = open.pop() {
        let function = module.funcs.get(locals.ids[index]).kind.unwrap_local();
        dfs_in_order(&mut Calls(&mut called), function, function.entry_block());
        let called = called.drain(..).filter_map(|it| locals.indices.get(&it).copied());
        open.extend(called.filter(|it| reachable.insert(*it)));
    }
    reachable
}

/// Replaces each function of the table that is not in the first part by a stub, which loads the rest and then
/// calls the function that is in the same slot.
fn insert_stubs(
    first: &mut Module,
    locals: &LocalFunctions,
    indirect: &IndirectCalls,
    first_part: &HashSet<usize>,
    fetch: FunctionId,
) {
    for (slot, index) in &indirect.slots {
        if first_part.contains(index) {
            continue;
        }
        let ty = first.funcs.get(locals.ids[*index]).ty();
        let (params, results) = first.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut stub = FunctionBuilder::new(&mut first.types, &params, &results);
        let params: Vec<_> = params.iter().map(|it| first.locals.add(*it)).collect();
        let mut body = stub.func_body();
        body.call(fetch);
        for param in &params {
            body.local_get(*param);
        }
        body.i32_const(*slot).call_indirect(ty, indirect.table);
        first.funcs.get_mut(locals.ids[*index]).kind = FunctionKind::Local(stub.local_func(params));
    }
}

/// Removes exports, data and elements from the module: only functions, and what they use, remain.
fn empty(rest: &mut Module) {
    rest.start = None;
    for export in rest.exports.iter().map(|it| it.id()).collect::<Vec<_>>() {
        rest.exports.delete(export);
    }
    for data in rest.data.iter().map(|it| it.id()).collect::<Vec<_>>() {
        rest.data.delete(data);
    }
    for element in rest.elements.iter().map(|it| it.id()).collect::<Vec<_>>() {
        rest.elements.delete(element);
    }
    for memory in rest.memories.iter_mut() {
        memory.data_segments.clear();
    }
    for table in rest.tables.iter_mut() {
        table.elem_segments.clear();
    }
}

/// Imports everything of the first part that the rest may use: imports, memory, table, globals, and the
/// functions in `first_part` (pairs of the first part's id and the rest's id). Returns the items, by import
/// name.
fn import(
    first: &Module,
    rest: &mut Module,
    first_part: impl Iterator<Item = (FunctionId, FunctionId)>,
) -> Result<HashMap<String, ExportItem>> {
    let mut exports = HashMap::new();
    let mut export = |item: ExportItem| {
        let name = exports.len().to_string();
        exports.insert(name.clone(), item);
        name
    };
    // Imports from JavaScript go through the first part.
    for (ours, theirs) in rest.imports.iter_mut().zip(first.imports.iter()) {
        let ImportKind::Function(function) = theirs.kind else {
            bail!("an import from JavaScript is not a function: {}", theirs.name);
        };
        FIRST.clone_into(&mut ours.module);
        ours.name = export(function.into());
    }
    for (theirs, ours) in first_part {
        let import = rest.imports.add(FIRST, &export(theirs.into()), ours);
        let function = rest.funcs.get_mut(ours);
        let ty = function.ty();
        function.kind = FunctionKind::Import(ImportedFunction { import, ty });
    }
    for (ours, theirs) in rest.memories.iter_mut().zip(first.memories.iter()) {
        ours.import = Some(rest.imports.add(FIRST, &export(theirs.id().into()), ours.id()));
    }
    for (ours, theirs) in rest.tables.iter_mut().zip(first.tables.iter()) {
        ours.import = Some(rest.imports.add(FIRST, &export(theirs.id().into()), ours.id()));
    }
    let globals: Vec<_> = rest.globals.iter().map(|it| it.id()).collect();
    for (ours, theirs) in globals.into_iter().zip(first.globals.iter()) {
        let import = rest.imports.add(FIRST, &export(theirs.id().into()), ours);
        rest.globals.get_mut(ours).kind = GlobalKind::Import(import);
    }
    Ok(exports)
}

/// Puts functions into the slots of their stubs: one segment for each run of adjacent slots.
fn fill_table(rest: &mut Module, slots: impl Iterator<Item = (i32, FunctionId)>) -> Result<()> {
    let table = rest
        .tables
        .main_function_table()?
        .context("the module has no function table")?;
    let mut slots: Vec<_> = slots.collect();
    slots.sort_by_key(|(slot, _)| *slot);
    for run in slots.chunk_by(|(one, _), (next, _)| one + 1 == *next) {
        let offset = ConstExpr::Value(Value::I32(run[0].0));
        let functions = run.iter().map(|(_, function)| *function).collect();
        let segment = rest.elements.add(
            ElementKind::Active { table, offset },
            ElementItems::Functions(functions),
        );
        rest.tables.get_mut(table).elem_segments.insert(segment);
    }
    Ok(())
}

/// Exports from the first part what the rest still imports, both under the shortest possible name.
fn export(first: &mut Module, rest: &mut Module, exports: &HashMap<String, ExportItem>) {
    for (count, import) in rest.imports.iter_mut().enumerate() {
        let exported = exports[&import.name];
        import.name = short_name(count);
        first.exports.add(&import.name, exported);
    }
}

/// Gives the imports from JavaScript the shortest possible names: wasm-bindgen's names end in a hash of 16
/// digits, which cannot be compressed. Returns the old and new names.
fn shorten_imports(first: &mut Module) -> Vec<(String, String)> {
    let mut renamed = Vec::new();
    for (count, import) in first.imports.iter_mut().enumerate() {
        let before = mem::replace(&mut import.name, short_name(count));
        renamed.push((before, import.name.clone()));
    }
    renamed
}

/// Returns the names `a` to `z`, then `aa` and so on.
fn short_name(mut count: usize) -> String {
    let mut name = String::new();
    loop {
        let letter = u8::try_from(count % 26).unwrap_or_default();
        name.insert(0, char::from(b'a' + letter));
        if count < 26 {
            return name;
        }
        count = count / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The door calls a helper by name and calls the room through the table. The room calls the same helper,
    /// and another one that nothing else calls.
    const PAGE: &str = r#"(module
        (import "page" "draw" (func $draw (param i32)))
        (import "page" "ring" (func $ring))
        (memory (export "memory") 1)
        (data (i32.const 0) "words")
        (global $stack (mut i32) (i32.const 1024))
        (table 3 3 funcref)
        (elem (i32.const 1) func $"<snug_door[0af]::Door>::view" $"<Runner<snug_room[1]::Room> as Runnable>::run")
        (func (export "fetch_rest_now") (nop))
        (func $helper (param i32) (result i32) (i32.add (local.get 0) (global.get $stack)))
        (func $lonely (result i32) (call $ring) (i32.load (i32.const 0)))
        (func $"<snug_door[0af]::Door>::view" (param i32) (result i32)
            (call $draw (call $helper (local.get 0)))
            (call_indirect (param i32) (result i32) (i32.const 7) (i32.const 2)))
        (func $"<Runner<snug_room[1]::Room> as Runnable>::run" (param i32) (result i32)
            (i32.add (call $helper (local.get 0)) (call $lonely)))
        (export "main" (func $"<snug_door[0af]::Door>::view")))"#;

    fn split_page(listed: &[&str]) -> Result<(Module, Module)> {
        let parts = split(&wat::parse_str(PAGE)?, listed)?;
        Ok((parse(&parts.first)?, parse(&parts.rest)?))
    }

    fn imported(module: &Module) -> Vec<(&str, &str)> {
        let names = module.imports.iter();
        names.map(|it| (it.module.as_str(), it.name.as_str())).collect()
    }

    #[test]
    fn the_rest_contains_what_is_only_reachable_through_the_table() -> Result<()> {
        let (first, rest) = split_page(&["door"])?;
        // The load function, the door, its helper and the stub.
        assert_eq!(first.funcs.iter_local().count(), 4);
        // The room and its own helper.
        assert_eq!(rest.funcs.iter_local().count(), 2);
        Ok(())
    }

    #[test]
    fn the_rest_imports_everything_else_from_the_first_part() -> Result<()> {
        let (first, rest) = split_page(&["door"])?;
        assert_eq!(rest.data.iter().count(), 0);
        assert_eq!(rest.exports.iter().count(), 0);
        assert!(rest.memories.iter().all(|it| it.import.is_some()));
        assert!(rest.tables.iter().all(|it| it.import.is_some()));
        assert!(
            rest.globals
                .iter()
                .all(|it| matches!(it.kind, GlobalKind::Import(_)))
        );
        // `ring`, the helper, the memory and the table; unused items are not imported.
        assert_eq!(rest.imports.iter().count(), 4);
        for (module, name) in imported(&rest) {
            assert_eq!(module, FIRST);
            assert!(
                first.exports.iter().any(|it| it.name == name),
                "{name} is not exported"
            );
        }
        // Imports from JavaScript go through the first part: only it imports from JavaScript.
        assert_eq!(imported(&first), [("page", "a"), ("page", "b")]);
        Ok(())
    }

    #[test]
    fn imports_from_javascript_get_short_names() -> Result<()> {
        let renamed = split(&wat::parse_str(PAGE)?, &["door"])?.renamed;
        assert_eq!(
            renamed,
            [("draw", "a"), ("ring", "b")].map(|(before, now)| (before.into(), now.into()))
        );
        Ok(())
    }

    #[test]
    fn the_rest_replaces_the_stubs_in_the_table() -> Result<()> {
        let (first, rest) = split_page(&["door"])?;
        let taken: Vec<_> = rest.elements.iter().collect();
        assert_eq!(taken.len(), 1);
        assert!(matches!(
            taken[0].kind,
            ElementKind::Active {
                offset: ConstExpr::Value(Value::I32(2)),
                ..
            }
        ));
        let slots = IndirectCalls::of(&first, &LocalFunctions::of(&first))?.slots;
        assert_eq!(slots.iter().map(|(slot, _)| *slot).collect::<Vec<_>>(), [1, 2]);
        Ok(())
    }

    #[test]
    fn functions_that_mention_only_listed_paths_are_in_the_first_part() -> Result<()> {
        let (first, rest) = split_page(&["door", "room"])?;
        assert_eq!(first.funcs.iter_local().count(), 5);
        assert_eq!(rest.funcs.iter_local().count(), 0);
        Ok(())
    }

    #[test]
    fn a_name_mentions_paths_of_snug_with_or_without_crate_hashes() {
        let name =
            "<yew[1f]::Runner<snug_frontend[2c5]::app::App> as core[3]::Any<snug_shared::lang::Lang>>::run";
        let paths: Vec<_> = mentioned(name).collect();
        assert_eq!(
            paths,
            [
                "frontend::app::App> as core[3]::Any<",
                "shared::lang::Lang>>::run"
            ]
        );
        assert_eq!(mentioned("<[u8]>::contains").count(), 0);
    }

    #[test]
    fn short_names_are_unique() {
        let names: HashSet<_> = (0..2_000).map(short_name).collect();
        assert_eq!(names.len(), 2_000);
        assert_eq!(
            (short_name(0), short_name(25), short_name(26)),
            ("a".into(), "z".into(), "aa".into())
        );
    }

    #[test]
    fn a_page_without_the_load_function_is_not_split() -> Result<()> {
        let wasm = wat::parse_str(r#"(module (table 1 funcref) (func (export "main")))"#)?;
        assert!(split(&wasm, &[]).is_err());
        Ok(())
    }

    #[test]
    fn only_crate_hashes_are_removed_from_a_name() {
        let name = "<f64 as core[37c1]::fmt::Display>::fmt::<[u8], [alloc[0]::string::String]>";
        let plain = "<f64 as core::fmt::Display>::fmt::<[u8], [alloc::string::String]>";
        assert_eq!(without_hashes(name), plain);
    }
}
