use super::Storage;

fn counted(count: u64, what: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {what}{many}")
}

pub static STORAGE: Storage = Storage {
    full: "The disk is full: no messages are taken.",
    full_about: "New messages, rooms, pictures and accounts are refused until there is space again. Delete messages or accounts, free space on the disk, or raise the limit (--max-data, --min-free).",
    full_link: "See what is used",
    used: "Used",
    used_of: |used, limit| format!("{used} of {limit}"),
    reusable: "Freed by deletions, used again",
    log: "Write-ahead log",
    free: "Free on the disk",
    min_free: |size| format!("{size} of it stay free"),
    no_limit: "no limit",
    recent: "Newest messages in memory",
    written: "What was written",
    members: "Members",
    guests: "Guests",
    pictures: "Pictures",
    messages: |count| counted(count, "message"),
    files: |count| counted(count, "picture"),
    people: "People with the most",
    guest: "guest",
    rooms: "Rooms with the most",
    private_room: "A private room",
    conversation: "A direct conversation",
    nothing: "Nothing was written yet.",
    partial: "There are very many messages: these numbers are of a part of them.",
    about: "Sizes of messages are estimates, and up to a minute old.",
};
