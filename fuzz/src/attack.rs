//! Attacks a target without a fuzzing engine: its corpus, then random mutations of it for as long as
//! the budget lasts. It does not measure coverage; cargo-fuzz, which found the corpus, does.

use std::{
    env, fs,
    hash::{BuildHasher, RandomState},
    panic::catch_unwind,
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use crate::{Target, random::Random};

/// The size in bytes up to which inputs grow, except by mutations that grow them much at once.
const GROWN: usize = 4096;
/// The maximum size of an input in bytes: larger than any message that the server reads.
const LARGEST: usize = 320 * 1024;
/// Numbers that often break programs.
const NUMBERS: [&str; 8] = [
    "0",
    "1",
    "-1",
    "4294967295",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e400",
];

/// Attacks for `SNUG_FUZZ_SECONDS` (60), from `SNUG_FUZZ_SEED` or a random seed.
///
/// # Panics
///
/// Panics with the file of the failing input. Later runs try it first; once it passes, move it
/// into the corpus.
pub fn attack(target: Target) {
    let Target { name, words, .. } = target;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    for file in files(&folder.join("failures")) {
        let input = fs::read(&file).expect("it is readable");
        assert!(passes(target, &input), "{} still fails", file.display());
    }
    let corpus: Vec<Vec<u8>> = files(&folder)
        .iter()
        .map(|file| {
            let input = fs::read(file).expect("it is readable");
            assert!(passes(target, &input), "{} fails", file.display());
            input
        })
        .collect();
    assert!(!corpus.is_empty(), "{} has inputs", folder.display());

    let seed = number("SNUG_FUZZ_SEED").unwrap_or_else(|| RandomState::new().hash_one(name));
    let budget = Duration::from_secs(number("SNUG_FUZZ_SECONDS").unwrap_or(60));
    println!("{name}: {} inputs of the corpus pass; seed {seed}", corpus.len());
    let mut random = Random::of_seed(seed);
    let (began, mut count) = (Instant::now(), 0u64);
    while began.elapsed() < budget {
        let input = input(&corpus, words, &mut random);
        if !passes(target, &input) {
            panic!(
                "{name} fails on {} (seed {seed}, input {count})",
                kept(&folder, &input).display()
            );
        }
        count += 1;
    }
    println!("{name}: {count} inputs in {} s pass", budget.as_secs());
}

fn number<T: FromStr>(variable: &str) -> Option<T> {
    let value = env::var(variable).ok()?;
    let number = value.parse().ok();
    Some(number.unwrap_or_else(|| panic!("{variable} is a number")))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn passes(target: Target, input: &[u8]) -> bool {
    catch_unwind(|| (target.run)(input)).is_ok()
}

fn kept(folder: &Path, input: &[u8]) -> PathBuf {
    let folder = folder.join("failures");
    fs::create_dir_all(&folder).expect("a folder can be made");
    // FNV-1a: the same input gets the same file.
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let file = folder.join(format!("{hash:016x}"));
    fs::write(&file, input).expect("a file can be written");
    file
}

fn input(corpus: &[Vec<u8>], words: &[&[u8]], random: &mut Random) -> Vec<u8> {
    if random.below(16) == 0 {
        return (0..random.below(512)).map(|_| random.byte()).collect();
    }
    let mut input = random.of(corpus).clone();
    for _ in 0..1 + random.below(6) {
        mutate(&mut input, corpus, words, random);
    }
    input
}

fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&[u8]], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let some = input.get(at).is_some();
    // The end of a range that begins there.
    let end = at + random.below((input.len() - at).min(64) + 1);
    match random.below(10) {
        0 if some => input[at] ^= 1 << random.below(8),
        1 if some => input[at] = random.byte(),
        2 if some => input[at] = *random.of(&[0x00, 0x01, 0x7d, 0x7e, 0x7f, 0x80, 0xff, b'"', b'{', b'[']),
        3 => drop(input.drain(at..end)),
        4 => {
            let bytes: Vec<u8> = (0..=random.below(8)).map(|_| random.byte()).collect();
            put(input, at..at, &bytes);
        }
        5 if !words.is_empty() => put(input, at..at, random.of::<&[u8]>(words)),
        6 => put(input, digits(input, at), random.of(&NUMBERS).as_bytes()),
        7 => {
            let other = random.of(corpus);
            let from = random.below(other.len() + 1);
            put(input, at..end, &other[from..]);
        }
        8 => input.extend_from_within(at..end),
        _ if random.below(64) == 0 => {
            let length = random.below(LARGEST.saturating_sub(input.len()) + 1);
            let many: Vec<u8> = input[at..end].iter().copied().cycle().take(length).collect();
            put(input, at..at, &many);
            return;
        }
        _ => input.truncate(at),
    }
    // A large number stays as it is, otherwise the first small change would cut it down.
    if input.len() < 2 * GROWN {
        input.truncate(GROWN);
    }
}

fn put(input: &mut Vec<u8>, place: std::ops::Range<usize>, bytes: &[u8]) {
    input.splice(place, bytes.iter().copied());
}

/// The range of the digits around a position, or of the position alone.
fn digits(input: &[u8], at: usize) -> std::ops::Range<usize> {
    let before = input[..at].iter().rev().take_while(|it| it.is_ascii_digit());
    let after = input[at..].iter().take_while(|it| it.is_ascii_digit());
    at - before.count()..at + after.count()
}
