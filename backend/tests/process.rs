//! The program as an operator meets it: its one line, its exit codes, its folder.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn snug(args: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snug"));
    command
        .args(args)
        .arg("--data")
        .arg(data)
        .env_remove("SNUG_ALLOW_ORIGIN");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn refused(output: &Output, sentence: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(sentence), "{error}");
}

fn serving(data: &Path) -> (Child, String) {
    let mut child = snug(&["serve", "--listen", "127.0.0.1:0"], data)
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    (child, line)
}

#[test]
fn a_folder_in_use_is_refused_in_one_sentence() {
    let data = tempfile::tempdir().expect("a folder");
    let (mut first, line) = serving(data.path());
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    let second = snug(&["serve", "--listen", "127.0.0.1:0"], data.path())
        .output()
        .expect("it runs");
    refused(&second, "in use by another Snug");
    first.kill().expect("it was running");
    first.wait().expect("it ends");
    let rebuilt = snug(&["rebuild"], data.path()).output().expect("it runs");
    assert!(rebuilt.status.success(), "{rebuilt:?}");
}

#[test]
fn a_folder_that_is_a_file_is_refused_in_one_sentence() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let output = snug(&["serve"], file.path()).output().expect("it runs");
    refused(&output, "cannot be");
}

#[test]
fn a_folder_that_is_no_database_is_refused_and_left_alone() {
    let data = tempfile::tempdir().expect("a folder");
    let database = data.path().join("snug.db");
    fs::write(&database, "these are my holiday pictures").expect("written");
    let output = snug(&["serve"], data.path()).output().expect("it runs");
    refused(&output, "cannot be used");
    assert_eq!(
        fs::read_to_string(&database).expect("it is there"),
        "these are my holiday pictures"
    );
}
