use super::Storage;

fn counted(count: u64, what: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {what}{many}")
}

pub static STORAGE: Storage = Storage {
    full: "The disk is full: new messages can’t be sent.",
    full_about: "New messages, rooms, profile pictures and accounts are rejected until there’s space again. Delete messages or accounts, free up disk space, or raise the limit (--max-data, --min-free).",
    full_link: "View storage",
    used: "Used",
    used_of: |used, limit| format!("{used} of {limit}"),
    reusable: "Freed by deletions, reusable",
    log: "Write-ahead log",
    free: "Free disk space",
    min_free: |size| format!("{size} kept free"),
    no_limit: "no limit",
    recent: "Recent messages in memory",
    written: "Content",
    members: "Members",
    guests: "Guests",
    pictures: "Profile pictures",
    messages: |count| counted(count, "message"),
    files: |count| counted(count, "picture"),
    people: "People using the most",
    guest: "guest",
    rooms: "Rooms using the most",
    private_room: "A private room",
    conversation: "A direct message conversation",
    nothing: "No content yet.",
    partial: "There are too many messages to count. These numbers cover only some of them.",
    about: "Message sizes are estimates and can be up to a minute old.",
};
