use snug_shared::people::{AuditEntry, JoinPolicy, ModerationAction, Role, Rules};

use super::{super::en::slow_time, House};
use crate::i18n::isolated;

/// Formats minutes in the greatest unit that divides them.
fn time(minutes: u32) -> String {
    let (count, unit) = match minutes {
        it if it % 1440 == 0 => (it / 1440, "day"),
        it if it % 60 == 0 => (it / 60, "hour"),
        it => (it, "minute"),
    };
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{many}")
}

fn person(role: Role) -> &'static str {
    match role {
        Role::Guest => "a guest",
        Role::Member => "a member",
        Role::Moderator => "a moderator",
        Role::Owner => "an owner",
    }
}

fn recorded(record: &AuditEntry) -> String {
    let AuditEntry {
        by_name,
        action,
        target: to,
        ..
    } = record;
    let (by_name, to) = (
        isolated(by_name.as_str()),
        isolated(to.as_deref().unwrap_or_default()),
    );
    match action {
        ModerationAction::SetRole { role, .. } => format!("{by_name} made {to} {}", person(*role)),
        ModerationAction::SetRules {
            rules:
                Rules {
                    join_policy: entrance,
                    room_creation_role: open_rooms,
                },
        } => {
            let come = match entrance {
                JoinPolicy::Anyone => "anyone comes in",
                JoinPolicy::Invited => "members and invited guests come in",
                JoinPolicy::Members => "members come in",
            };
            let open = match open_rooms {
                Role::Guest => "everybody opens rooms",
                Role::Member => "members open rooms",
                Role::Moderator => "moderators open rooms",
                Role::Owner => "owners open rooms",
            };
            format!("{by_name} set the rules: {come}, {open}")
        }
        ModerationAction::Mute { minutes: 0, .. } => format!("{by_name} let {to} speak again"),
        ModerationAction::Mute { minutes, .. } => format!("{by_name} muted {to} for {}", time(*minutes)),
        ModerationAction::Ban { minutes, address, .. } => {
            let long = minutes.map_or("for good".to_owned(), |minutes| format!("for {}", time(minutes)));
            let address = if *address {
                ", and guests from the same address"
            } else {
                ""
            };
            format!("{by_name} put {to} out {long}{address}")
        }
        ModerationAction::Unban { .. } => format!("{by_name} let {to} in again"),
        ModerationAction::SetSlowMode { seconds: 0, .. } => {
            format!("{by_name} let everybody speak as often as they like in #{to}")
        }
        ModerationAction::DeleteMessage { .. } if record.target.as_deref().is_none_or(str::is_empty) => {
            format!("{by_name} deleted a message of a guest")
        }
        ModerationAction::DeleteMessage { .. } => format!("{by_name} deleted a message of {to}"),
        ModerationAction::DeleteRoom { .. } => format!("{by_name} deleted the room #{to} and its messages"),
        ModerationAction::DeleteAccount { .. } => format!("{by_name} deleted an account and its messages"),
        ModerationAction::SetSlowMode { seconds, .. } => format!(
            "{by_name} slowed #{to} down to a message every {}",
            slow_time(*seconds)
        ),
    }
}

pub static HOUSE: House = House {
    house: "House",
    to_rooms: "Back to the rooms",
    sections: "Parts of the house",
    not_yours: "Only moderators and owners come in here.",
    owners_only: "Only owners see this.",
    people: "People",
    invitations: "Invitations",
    rules: "Rules",
    record: "Record",
    storage: "Storage",
    loading: "Loading…",
    search_people: "Search people",
    nobody_found: "Nobody who is known here is called so.",
    people_about: "Whoever keeps a name, and guests who were invited, muted or put out.",
    muted_until: |when| format!("may not speak until {when}"),
    out_until: |when| format!("put out until {when}"),
    out_for_good: "put out for good",
    role: "Role",
    make: |role| format!("Make {}", person(role)),
    mute: "Mute",
    let_speak: "Let speak again",
    put_out: "Put out",
    put_out_now: |name| format!("Put {name} out", name = isolated(name)),
    let_in: "Let in again",
    address_too: "Also guests from the same address",
    comes_back: "Otherwise a guest can come back under another name.",
    time,
    for_good: "For good",
    put_out_sure: |name, minutes| match minutes {
        Some(minutes) => format!(
            "Put {name} out for {}? They are sent away at once, and come in again only after that.",
            time(minutes),
            name = isolated(name)
        ),
        None => format!(
            "Put {name} out for good? They are sent away at once, and come in again only when somebody lets them.",
            name = isolated(name)
        ),
    },
    account: "Account",
    erase: "Delete account",
    erase_sure: |name| {
        format!(
            "Delete the account of {name}, and every message that they have written? All of it is gone for everybody and for good.",
            name = isolated(name)
        )
    },
    erase_now: "Delete account and messages",
    owner_sure: |name| {
        format!(
            "Make {name} an owner? An owner may do all that you may, and may take it from you.",
            name = isolated(name)
        )
    },
    hide_direct: "Hide conversation",
    block: |name| format!("Block {name}", name = isolated(name)),
    unblock: |name| format!("Unblock {name}", name = isolated(name)),
    block_about: "A hidden conversation comes back when you open it again, or when somebody in it writes whom you have not blocked. Whoever you block can neither write to you alone nor bring you into rooms.",
    delete_room: "Delete room",
    delete_room_sure: "The room and everything that was said in it will be deleted for everybody. This cannot be undone.",
    delete_room_now: "Delete it",
    step_down_sure: "Give up being an owner? Only another owner can make you one again.",
    cancel: "Cancel",
    invite: "Make an invitation",
    good_for: "Good for",
    no_end: "No end",
    good_for_people: "For how many",
    any_number: "Any number",
    shown_once: "Send this link to whom you invite. It is shown only now.",
    good_invitations: "Invitations that are good",
    no_invitations: "There is none at the moment.",
    made_by: |name| format!("By {name}", name = isolated(name)),
    until: |when| format!("until {when}"),
    without_end: "without end",
    left: |count| format!("for {count} more"),
    for_any_number: "for any number",
    has_let_in: |count| match count {
        0 => "has let in nobody yet".to_owned(),
        1 => "has let in 1 person".to_owned(),
        _ => format!("has let in {count} people"),
    },
    withdraw: "Withdraw",
    withdraw_sure: |name| {
        format!(
            "Withdraw the invitation that {name} made? Its link is good no more. Whoever it has let in stays.",
            name = isolated(name)
        )
    },
    entrance: "Who may come in",
    entrance_name: |entrance| match entrance {
        JoinPolicy::Anyone => "Anyone",
        JoinPolicy::Invited => "Whoever is invited",
        JoinPolicy::Members => "Members only",
    },
    entrance_about: |entrance| match entrance {
        JoinPolicy::Anyone => "Guests come in with a nickname.",
        JoinPolicy::Invited => "Members come in, and guests with an invitation.",
        JoinPolicy::Members => "An invitation is good for keeping a name, and whoever keeps one comes in.",
    },
    open_rooms: "Who may open rooms",
    at_least: |role| match role {
        Role::Guest => "Everybody",
        Role::Member => "Members",
        Role::Moderator => "Moderators",
        Role::Owner => "Owners",
    },
    rules_note: "Whoever may not be here by them any more is sent away at once.",
    rules_saved: "The rules are saved.",
    nothing_recorded: "Nothing had to be done yet.",
    search_record: "Search the record",
    not_recorded: "Nothing of what is loaded has these words.",
    recorded,
    more: "Load more",
};
