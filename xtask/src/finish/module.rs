//! A WebAssembly module in two.
//!
//! The first part has every function that is reached by calls from what `frontend/first.txt` lets in. So all ways
//! from it into the rest lead through the table of functions, where the rest puts itself when it comes; until
//! then a stub stands at each of its places, which fetches it and calls again. The rest has no memory, table or
//! variable of its own: it imports those of the first part, and every function that it calls there.

use std::collections::{HashMap, HashSet};
use std::mem;

use anyhow::{Context as _, Result, bail};
use walrus::ir::{Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, GlobalKind,
    ImportKind, ImportedFunction, Module, ModuleConfig, TableId, passes,
};

use super::type_ids;

/// What fetches the rest at once, as the page exports it (frontend/src/lazy_module.rs).
const FETCH: &str = "fetch_rest_now";
/// What the rest calls the first part.
const FIRST: &str = "";

pub struct Parts {
    pub first: Vec<u8>,
    pub rest: Vec<u8>,
    /// The names of the imports from JavaScript: before, and now.
    pub renamed: Vec<(String, String)>,
}

/// Parts a module that has names. `listed` are the paths, without the `snug_` of their crates, that a function of
/// the first part may mention.
pub fn part(wasm: &[u8], listed: &[&str]) -> Result<Parts> {
    // Parsed twice, alike: a function has the same place in both.
    let (mut first, mut rest) = (parse(wasm)?, parse(wasm)?);
    let ids = type_ids::find(&first);
    let (locals, again) = (Locals::of(&first), Locals::of(&rest));
    let ways = Ways::of(&first, &locals)?;
    let fetch = first
        .exports
        .get_func(FETCH)
        .with_context(|| format!("the page exports no {FETCH}"))?;
    let kept = reached(&first, &locals, roots(&first, &locals, &ways, listed));
    put_stubs(&mut first, &locals, &ways, &kept, fetch);
    empty(&mut rest);
    let offers = import(
        &first,
        &mut rest,
        kept.iter().map(|it| (locals.ids[*it], again.ids[*it])),
    )?;
    let slots = ways.slots.iter().filter(|(_, place)| !kept.contains(place));
    fill_table(&mut rest, slots.map(|(slot, place)| (*slot, again.ids[*place])))?;
    passes::gc::run(&mut rest);
    offer(&mut first, &mut rest, &offers);
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
    // The names have served when the parts are written.
    config
        .generate_name_section(false)
        .generate_producers_section(false);
    config.parse(wasm).context("this is no WebAssembly")
}

/// The functions that are no imports, by their place among them.
struct Locals {
    ids: Vec<FunctionId>,
    places: HashMap<FunctionId, usize>,
}

impl Locals {
    fn of(module: &Module) -> Self {
        let ids: Vec<_> = module.funcs.iter_local().map(|(id, _)| id).collect();
        let places = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        Self { ids, places }
    }
}

/// What can be called without being named: the table's places and what stands there.
struct Ways {
    table: TableId,
    slots: Vec<(i32, usize)>,
}

impl Ways {
    fn of(module: &Module, locals: &Locals) -> Result<Self> {
        let table = module
            .tables
            .main_function_table()?
            .context("there is no table")?;
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
                bail!("the table is filled from a place that is not known");
            };
            let places = functions.iter().map(|it| locals.places.get(it));
            slots.extend(
                (*offset..)
                    .zip(places)
                    .filter_map(|(slot, it)| Some((slot, *it?))),
            );
        }
        Ok(Self { table, slots })
    }
}

/// What the first part has in any case: what JavaScript calls, and of the table what mentions nothing of Snug's
/// that is not listed.
fn roots(module: &Module, locals: &Locals, ways: &Ways, listed: &[&str]) -> Vec<usize> {
    let exported = module.exports.iter().filter_map(|it| match it.item {
        ExportItem::Function(function) => locals.places.get(&function).copied(),
        _ => None,
    });
    let in_table = ways.slots.iter().map(|(_, place)| *place);
    let (unneeded, listed): (Vec<&str>, Vec<&str>) = listed.iter().partition(|it| it.starts_with('!'));
    let unneeded: Vec<_> = unneeded.iter().map(|it| it.trim_start_matches('!')).collect();
    let early = in_table.filter(|place| {
        let name = module.funcs.get(locals.ids[*place]).name.as_deref();
        let name = name.unwrap_or_default();
        let is_listed = |path: String| {
            let begins = |with: &[&str]| with.iter().any(|it| path.starts_with(it));
            begins(&listed) && !begins(&unneeded)
        };
        let plain = without_hashes(name);
        mentioned(name).all(is_listed) && !unneeded.iter().any(|it| plain.contains(it))
    });
    exported.chain(early).collect()
}

/// What a function's name, with all types that it is made for, mentions of Snug's: `frontend::app::App>::view`.
fn mentioned(name: &str) -> impl Iterator<Item = String> {
    name.split("snug_").skip(1).map(|it| {
        // A crate's name may be followed by its hash: `frontend[2c51]::app::App`.
        let (name, path) = it.split_once("::").unwrap_or((it, ""));
        let name = name.split('[').next().unwrap_or_default();
        format!("{name}::{path}")
    })
}

/// A name without the hashes of its crates: `core[2c51]::fmt` is `core::fmt`.
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

/// Functions, and all that they call by name.
fn reached(module: &Module, locals: &Locals, roots: Vec<usize>) -> HashSet<usize> {
    struct Calls<'a>(&'a mut Vec<FunctionId>);
    impl Visitor<'_> for Calls<'_> {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.0.push(*function);
        }
    }
    let mut reached: HashSet<usize> = roots.iter().copied().collect();
    let mut open = roots;
    let mut called = Vec::new();
    while let Some(place) = open.pop() {
        let function = module.funcs.get(locals.ids[place]).kind.unwrap_local();
        dfs_in_order(&mut Calls(&mut called), function, function.entry_block());
        let called = called.drain(..).filter_map(|it| locals.places.get(&it).copied());
        open.extend(called.filter(|it| reached.insert(*it)));
    }
    reached
}

/// What is not kept fetches the rest, and calls what stands at its own place in the table then.
fn put_stubs(first: &mut Module, locals: &Locals, ways: &Ways, kept: &HashSet<usize>, fetch: FunctionId) {
    for (slot, place) in &ways.slots {
        if kept.contains(place) {
            continue;
        }
        let ty = first.funcs.get(locals.ids[*place]).ty();
        let (params, results) = first.types.params_results(ty);
        let (params, results) = (params.to_vec(), results.to_vec());
        let mut stub = FunctionBuilder::new(&mut first.types, &params, &results);
        let params: Vec<_> = params.iter().map(|it| first.locals.add(*it)).collect();
        let mut body = stub.func_body();
        body.call(fetch);
        for param in &params {
            body.local_get(*param);
        }
        body.i32_const(*slot).call_indirect(ty, ways.table);
        first.funcs.get_mut(locals.ids[*place]).kind = FunctionKind::Local(stub.local_func(params));
    }
}

/// Leaves nothing of a module but its functions, and what they are made with.
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

/// Makes imports of all that the first part has, of its functions those in `kept` (theirs, ours). Gives what that is,
/// by the names of the imports.
fn import(
    first: &Module,
    rest: &mut Module,
    kept: impl Iterator<Item = (FunctionId, FunctionId)>,
) -> Result<HashMap<String, ExportItem>> {
    let mut offers = HashMap::new();
    let mut offer = |item: ExportItem| {
        let name = offers.len().to_string();
        offers.insert(name.clone(), item);
        name
    };
    // What JavaScript gives comes by way of the first part.
    for (ours, theirs) in rest.imports.iter_mut().zip(first.imports.iter()) {
        let ImportKind::Function(function) = theirs.kind else {
            bail!("JavaScript gives what is no function: {}", theirs.name);
        };
        FIRST.clone_into(&mut ours.module);
        ours.name = offer(function.into());
    }
    for (theirs, ours) in kept {
        let import = rest.imports.add(FIRST, &offer(theirs.into()), ours);
        let function = rest.funcs.get_mut(ours);
        let ty = function.ty();
        function.kind = FunctionKind::Import(ImportedFunction { import, ty });
    }
    for (ours, theirs) in rest.memories.iter_mut().zip(first.memories.iter()) {
        ours.import = Some(rest.imports.add(FIRST, &offer(theirs.id().into()), ours.id()));
    }
    for (ours, theirs) in rest.tables.iter_mut().zip(first.tables.iter()) {
        ours.import = Some(rest.imports.add(FIRST, &offer(theirs.id().into()), ours.id()));
    }
    let globals: Vec<_> = rest.globals.iter().map(|it| it.id()).collect();
    for (ours, theirs) in globals.into_iter().zip(first.globals.iter()) {
        let import = rest.imports.add(FIRST, &offer(theirs.id().into()), ours);
        rest.globals.get_mut(ours).kind = GlobalKind::Import(import);
    }
    Ok(offers)
}

/// Puts functions where the stubs stand: a segment for each run of neighbours.
fn fill_table(rest: &mut Module, slots: impl Iterator<Item = (i32, FunctionId)>) -> Result<()> {
    let table = rest.tables.main_function_table()?.context("there is no table")?;
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

/// Exports from the first part what the rest still imports, both by a name as short as can be.
fn offer(first: &mut Module, rest: &mut Module, offers: &HashMap<String, ExportItem>) {
    for (count, import) in rest.imports.iter_mut().enumerate() {
        let offered = offers[&import.name];
        import.name = short(count);
        first.exports.add(&import.name, offered);
    }
}

/// Gives what JavaScript gives names as short as can be: wasm-bindgen's end in a hash of 16 digits, which no
/// compression shortens.
fn shorten_imports(first: &mut Module) -> Vec<(String, String)> {
    let mut renamed = Vec::new();
    for (count, import) in first.imports.iter_mut().enumerate() {
        let before = mem::replace(&mut import.name, short(count));
        renamed.push((before, import.name.clone()));
    }
    renamed
}

/// `a` to `z`, `aa` and so on.
fn short(mut count: usize) -> String {
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

    /// The door calls a helper by name and opens the room through the table; the room calls the helper, and another
    /// helper that is nobody else's.
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

    fn parted(listed: &[&str]) -> Result<(Module, Module)> {
        let parts = part(&wat::parse_str(PAGE)?, listed)?;
        Ok((parse(&parts.first)?, parse(&parts.rest)?))
    }

    fn imported(module: &Module) -> Vec<(&str, &str)> {
        let names = module.imports.iter();
        names.map(|it| (it.module.as_str(), it.name.as_str())).collect()
    }

    #[test]
    fn the_rest_has_what_is_only_reached_through_the_table() -> Result<()> {
        let (first, rest) = parted(&["door"])?;
        // What fetches, the door, its helper, and the stub.
        assert_eq!(first.funcs.iter_local().count(), 4);
        // The room and its own helper.
        assert_eq!(rest.funcs.iter_local().count(), 2);
        Ok(())
    }

    #[test]
    fn the_rest_has_nothing_else_of_its_own_and_takes_it_from_the_first_part() -> Result<()> {
        let (first, rest) = parted(&["door"])?;
        assert_eq!(rest.data.iter().count(), 0);
        assert_eq!(rest.exports.iter().count(), 0);
        assert!(rest.memories.iter().all(|it| it.import.is_some()));
        assert!(rest.tables.iter().all(|it| it.import.is_some()));
        assert!(
            rest.globals
                .iter()
                .all(|it| matches!(it.kind, GlobalKind::Import(_)))
        );
        // `ring`, the helper, the memory, the table; what nobody in it uses is not asked for.
        assert_eq!(rest.imports.iter().count(), 4);
        for (module, name) in imported(&rest) {
            assert_eq!(module, FIRST);
            assert!(
                first.exports.iter().any(|it| it.name == name),
                "{name} is not offered"
            );
        }
        // It goes by way of the first part, which alone is given to by JavaScript.
        assert_eq!(imported(&first), [("page", "a"), ("page", "b")]);
        Ok(())
    }

    #[test]
    fn what_javascript_gives_has_short_names() -> Result<()> {
        let renamed = part(&wat::parse_str(PAGE)?, &["door"])?.renamed;
        assert_eq!(
            renamed,
            [("draw", "a"), ("ring", "b")].map(|(before, now)| (before.into(), now.into()))
        );
        Ok(())
    }

    #[test]
    fn the_rest_takes_the_places_where_the_stubs_stand() -> Result<()> {
        let (first, rest) = parted(&["door"])?;
        let taken: Vec<_> = rest.elements.iter().collect();
        assert_eq!(taken.len(), 1);
        assert!(matches!(
            taken[0].kind,
            ElementKind::Active {
                offset: ConstExpr::Value(Value::I32(2)),
                ..
            }
        ));
        let slots = Ways::of(&first, &Locals::of(&first))?.slots;
        assert_eq!(slots.iter().map(|(slot, _)| *slot).collect::<Vec<_>>(), [1, 2]);
        Ok(())
    }

    #[test]
    fn what_mentions_nothing_unlisted_comes_first() -> Result<()> {
        let (first, rest) = parted(&["door", "room"])?;
        assert_eq!(first.funcs.iter_local().count(), 5);
        assert_eq!(rest.funcs.iter_local().count(), 0);
        Ok(())
    }

    #[test]
    fn a_name_mentions_the_paths_of_snug_with_or_without_the_hashes_of_their_crates() {
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
    fn names_are_short_and_never_the_same() {
        let names: HashSet<_> = (0..2_000).map(short).collect();
        assert_eq!(names.len(), 2_000);
        assert_eq!(
            (short(0), short(25), short(26)),
            ("a".into(), "z".into(), "aa".into())
        );
    }

    #[test]
    fn a_page_that_cannot_fetch_is_not_parted() -> Result<()> {
        let wasm = wat::parse_str(r#"(module (table 1 funcref) (func (export "main")))"#)?;
        assert!(part(&wasm, &[]).is_err());
        Ok(())
    }

    #[test]
    fn hashes_of_crates_are_left_out_and_nothing_else() {
        let name = "<f64 as core[37c1]::fmt::Display>::fmt::<[u8], [alloc[0]::string::String]>";
        let plain = "<f64 as core::fmt::Display>::fmt::<[u8], [alloc::string::String]>";
        assert_eq!(without_hashes(name), plain);
    }
}
