//! Moves type ids (`core::any::TypeId`) into the part that uses them: 16 bytes for each of hundreds of types,
//! which cannot be compressed.
//!
//! Yew compares type ids in its hooks and contexts. The compiler puts them into the read-only data, from
//! where a type's `type_id` function copies its own id. Ids that only functions of the rest copy become
//! constants in these functions.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

use walrus::ir::{Const, Instr, InstrSeq, Load, LoadKind, Store, Value, Visitor, VisitorMut};
use walrus::ir::{dfs_in_order, dfs_pre_order_mut};
use walrus::{ConstExpr, DataId, DataKind, Module};

const SIZE: u64 = 16;
const HALF: u64 = 8;

/// Returns the addresses of the type ids. They are read from the `type_id` functions, which are found by
/// name.
pub fn find(module: &Module) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    for (id, function) in module.funcs.iter_local() {
        let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
        if !name.ends_with("::any::Any>::type_id") {
            continue;
        }
        let mut halves: Vec<_> = function
            .block(function.entry_block())
            .windows(2)
            .filter_map(half)
            .collect();
        halves.sort_unstable();
        if let [first, second] = halves[..]
            && first + HALF == second
        {
            found.insert(first);
        }
    }
    found
}

/// Replaces the reads of `ids` in the rest by constants, and clears the ids that the first part does not
/// need.
pub fn move_to_rest(ids: &BTreeSet<u64>, first: &mut Module, rest: &mut Module) {
    let Some((segment, start)) = read_only(first) else {
        return;
    };
    let bytes = &first.data.get(segment).value;
    let offset = |address: u64| usize::try_from(address.checked_sub(start)?).ok();
    let halves = ids.iter().flat_map(|id| [*id, id + HALF]).filter_map(|half| {
        let bytes = bytes.get(offset(half)?..)?.first_chunk()?;
        Some((half, i64::from_le_bytes(*bytes)))
    });
    let mut copies = Copies(halves.collect());
    for (_, function) in rest.funcs.iter_local_mut() {
        let entry = function.entry_block();
        dfs_pre_order_mut(&mut copies, function, entry);
    }
    // Every number that could be an address keeps its id: a wrong guess costs 16 bytes.
    let mut numbers = Numbers(bytes.chunks_exact(4).map(number).collect());
    for module in [&*first, rest] {
        for (_, function) in module.funcs.iter_local() {
            dfs_in_order(&mut numbers, function, function.entry_block());
        }
    }
    let bytes = &mut first.data.get_mut(segment).value;
    for id in ids.iter().filter(|id| !numbers.has(**id..=**id + SIZE - 1)) {
        if let Some(offset) = offset(*id)
            && let Some(bytes) = bytes.get_mut(offset..offset + SIZE as usize)
        {
            bytes.fill(0);
        }
    }
}

/// Returns the read-only data segment and its address.
fn read_only(module: &Module) -> Option<(DataId, u64)> {
    let segment = module
        .data
        .iter()
        .find(|it| it.name.as_deref() == Some(".rodata"))?;
    match segment.kind {
        DataKind::Active {
            offset: ConstExpr::Value(Value::I32(start)),
            ..
        } => Some((segment.id(), u64::from(start.cast_unsigned()))),
        _ => None,
    }
}

fn number(bytes: &[u8]) -> u64 {
    let bytes = bytes.try_into().expect("four bytes");
    u64::from(u32::from_le_bytes(bytes))
}

/// Returns the address from which these two instructions read eight bytes, if they do.
fn half(instructions: &[(Instr, walrus::ir::InstrLocId)]) -> Option<u64> {
    match instructions {
        [
            (
                Instr::Const(Const {
                    value: Value::I32(base),
                }),
                _,
            ),
            (
                Instr::Load(Load {
                    kind: LoadKind::I64 { .. },
                    arg,
                    ..
                }),
                _,
            ),
        ] => Some(u64::from(base.cast_unsigned()) + arg.offset),
        _ => None,
    }
}

/// Replaces reads from these addresses by the value that is stored there.
struct Copies(HashMap<u64, i64>);

impl VisitorMut for Copies {
    fn start_instr_seq_mut(&mut self, sequence: &mut InstrSeq) {
        let mut index = 0;
        while let Some(two) = sequence.instrs.get(index..index + 2) {
            if let Some(value) = half(two).and_then(|it| self.0.get(&it)) {
                let value = Value::I64(*value);
                sequence.instrs[index].0 = Const { value }.into();
                sequence.instrs.remove(index + 1);
            }
            index += 1;
        }
    }
}

/// All numbers of the code and the data that could be an address.
struct Numbers(BTreeSet<u64>);

impl Numbers {
    fn has(&self, addresses: RangeInclusive<u64>) -> bool {
        self.0.range(addresses).next().is_some()
    }
}

impl Visitor<'_> for Numbers {
    fn visit_const(&mut self, constant: &Const) {
        if let Value::I32(value) = constant.value {
            self.0.insert(u64::from(value.cast_unsigned()));
        }
    }

    fn visit_load(&mut self, load: &Load) {
        self.0.insert(load.arg.offset);
    }

    fn visit_store(&mut self, store: &Store) {
        self.0.insert(store.arg.offset);
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use super::*;

    const FIRST: &str = r#"(module
        (memory 1)
        (data $.rodata (i32.const 64) "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffff\70\00\00\00")
        (func $"<here[1]::Shown as core[2]::any::Any>::type_id" (param i32)
            (i64.store offset=8 (local.get 0) (i64.load offset=72 (i32.const 0)))
            (i64.store (local.get 0) (i64.load offset=64 (i32.const 0)))))"#;
    const REST: &str = r#"(module
        (memory 1)
        (func $"<here[1]::Hidden as core[2]::any::Any>::type_id" (param i32)
            (i64.store offset=8 (local.get 0) (i64.load offset=88 (i32.const 0)))
            (i64.store (local.get 0) (i64.load offset=80 (i32.const 0))))
        (func $"<here[1]::Pointed as core[2]::any::Any>::type_id" (param i32)
            (i64.store offset=8 (local.get 0) (i64.load offset=104 (i32.const 0)))
            (i64.store (local.get 0) (i64.load offset=96 (i32.const 0)))))"#;

    fn moved(data: &str) -> Result<(String, String)> {
        let mut first = Module::from_buffer(&wat::parse_str(FIRST.replace("\\70", data))?)?;
        let mut rest = Module::from_buffer(&wat::parse_str(REST)?)?;
        let ids: BTreeSet<_> = find(&first).union(&find(&rest)).copied().collect();
        assert_eq!(ids, BTreeSet::from([64, 80, 96]));
        move_to_rest(&ids, &mut first, &mut rest);
        let (segment, _) = read_only(&first).expect("the segment is still there");
        let data = String::from_utf8_lossy(&first.data.get(segment).value[..48]).into_owned();
        let mut numbers = Numbers(BTreeSet::new());
        for (_, function) in rest.funcs.iter_local() {
            dfs_in_order(&mut numbers, function, function.entry_block());
        }
        Ok((data, format!("{:?}", numbers.0)))
    }

    #[test]
    fn an_id_that_only_the_rest_copies_becomes_a_constant_there() -> Result<()> {
        let zeros = "\0".repeat(32);
        let (data, numbers) = moved("\\00")?;
        assert_eq!(data, format!("aaaaaaaabbbbbbbb{zeros}"));
        assert_eq!(numbers, "{0, 8}", "the rest reads none of the data");
        Ok(())
    }

    #[test]
    fn an_id_that_may_be_referenced_elsewhere_is_kept() -> Result<()> {
        let zeros = "\0".repeat(16);
        let (data, _) = moved("\\60")?;
        assert_eq!(data, format!("aaaaaaaabbbbbbbb{zeros}eeeeeeeeffffffff"));
        Ok(())
    }
}
