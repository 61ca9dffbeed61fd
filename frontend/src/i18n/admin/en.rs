use snug_shared::people::{AuditEntry, JoinPolicy, ModerationAction, Role, Rules};

use super::Admin;
use crate::i18n::{isolated, slow_time::en as slow_time};

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

fn action(record: &AuditEntry) -> String {
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
            rules: Rules {
                join_policy,
                room_creation_role,
            },
        } => {
            let come = match join_policy {
                JoinPolicy::Anyone => "anyone can join",
                JoinPolicy::Invited => "members and invited people can join",
                JoinPolicy::Members => "only members can join",
            };
            let open = match room_creation_role {
                Role::Guest => "everyone can create rooms",
                Role::Member => "members can create rooms",
                Role::Moderator => "moderators can create rooms",
                Role::Owner => "owners can create rooms",
            };
            format!("{by_name} changed access: {come}, {open}")
        }
        ModerationAction::Mute { minutes: 0, .. } => format!("{by_name} unmuted {to}"),
        ModerationAction::Mute { minutes, .. } => format!("{by_name} muted {to} for {}", time(*minutes)),
        ModerationAction::Ban { minutes, address, .. } => {
            let long = minutes.map_or("permanently".to_owned(), |minutes| {
                format!("for {}", time(minutes))
            });
            let address = if *address {
                ", with guests from the same IP address"
            } else {
                ""
            };
            format!("{by_name} banned {to} {long}{address}")
        }
        ModerationAction::Unban { .. } => format!("{by_name} unbanned {to}"),
        ModerationAction::SetSlowMode { seconds: 0, .. } => {
            format!("{by_name} turned off slow mode in #{to}")
        }
        ModerationAction::DeleteMessage { .. } if record.target.as_deref().is_none_or(str::is_empty) => {
            format!("{by_name} deleted a message from a guest")
        }
        ModerationAction::DeleteMessage { .. } => format!("{by_name} deleted a message from {to}"),
        ModerationAction::DeleteRoom { .. } => format!("{by_name} deleted the room #{to} and its messages"),
        ModerationAction::DeleteAccount { .. } => format!("{by_name} deleted an account and its messages"),
        ModerationAction::SetSlowMode { seconds, .. } => {
            format!("{by_name} set slow mode in #{to} to {}", slow_time(*seconds))
        }
    }
}

pub static ADMIN: Admin = Admin {
    title: "Admin",
    back_to_chat: "Back to chat",
    sections: "Admin sections",
    moderators_only: "Only moderators and owners can see this page.",
    owners_only: "Only owners can see this.",
    members: "Members",
    invites: "Invites",
    access: "Access",
    audit_log: "Audit log",
    storage: "Storage",
    loading: "Loading…",
    search_people: "Search members",
    no_people_found: "No members found.",
    members_about: "Everyone with an account, and guests who were invited, muted or banned.",
    muted_until: |when| format!("muted until {when}"),
    banned_until: |when| format!("banned until {when}"),
    banned_permanently: "banned permanently",
    role: "Role",
    make: |role| format!("Make {}", person(role)),
    mute: "Mute",
    unmute: "Unmute",
    ban: "Ban",
    ban_now: |name| format!("Ban {name}", name = isolated(name)),
    unban: "Unban",
    ban_address: "Also ban guests from the same IP address",
    ban_address_about: "Otherwise a guest can rejoin under a different name.",
    time,
    permanently: "Permanently",
    ban_confirm: |name, minutes| match minutes {
        Some(minutes) => format!(
            "Ban {name} for {}? They’ll be disconnected and can’t rejoin until then.",
            time(minutes),
            name = isolated(name)
        ),
        None => format!(
            "Ban {name} permanently? They’ll be disconnected and can’t rejoin unless a moderator unbans them.",
            name = isolated(name)
        ),
    },
    account: "Account",
    delete_account: "Delete account",
    delete_account_confirm: |name| {
        format!(
            "Delete {name}’s account and every message they’ve written, for everyone? This can’t be undone.",
            name = isolated(name)
        )
    },
    delete_account_now: "Delete account and messages",
    owner_confirm: |name| {
        format!(
            "Make {name} an owner? Owners have full control, and can remove you as owner.",
            name = isolated(name)
        )
    },
    hide_direct: "Hide conversation",
    block: |name| format!("Block {name}", name = isolated(name)),
    unblock: |name| format!("Unblock {name}", name = isolated(name)),
    block_about: "A hidden conversation comes back when you open it or when someone you haven’t blocked sends a message in it. People you block can’t message you directly or add you to rooms.",
    delete_room: "Delete room",
    delete_room_confirm: "This deletes the room and all of its messages for everyone. This can’t be undone.",
    delete_room_now: "Delete permanently",
    step_down_confirm: "Step down as owner? Only another owner can undo this.",
    cancel: "Cancel",
    create_invite: "Create invite link",
    expires_after: "Expires after",
    never: "Never",
    max_uses: "Max uses",
    unlimited: "Unlimited",
    shown_once: "Share this link. You won’t be able to see it again.",
    active_invites: "Active invites",
    no_invites: "No active invites.",
    created_by: |name| format!("Created by {name}", name = isolated(name)),
    expires: |when| format!("expires {when}"),
    never_expires: "never expires",
    uses_left: |count| match count {
        1 => "1 use left".to_owned(),
        _ => format!("{count} uses left"),
    },
    unlimited_uses: "unlimited uses",
    used_by: |count| match count {
        0 => "not used yet".to_owned(),
        1 => "used by 1 person".to_owned(),
        _ => format!("used by {count} people"),
    },
    revoke: "Revoke",
    revoke_confirm: |name| {
        format!(
            "Revoke {name}’s invite? The link stops working. People who already joined stay.",
            name = isolated(name)
        )
    },
    who_can_join: "Who can join",
    join_policy: |join_policy| match join_policy {
        JoinPolicy::Anyone => "Anyone",
        JoinPolicy::Invited => "Invited people",
        JoinPolicy::Members => "Members only",
    },
    join_policy_about: |join_policy| match join_policy {
        JoinPolicy::Anyone => "Anyone with the address can join with just a display name.",
        JoinPolicy::Invited => "Members sign in. New people need an invite link.",
        JoinPolicy::Members => "Everyone needs an account. New people create one with an invite link.",
    },
    who_can_create_rooms: "Who can create rooms",
    at_least: |role| match role {
        Role::Guest => "Everyone",
        Role::Member => "Members",
        Role::Moderator => "Moderators",
        Role::Owner => "Owners",
    },
    access_about: "People who no longer have access are disconnected right away.",
    access_saved: "Settings saved.",
    no_actions: "No actions yet.",
    search_audit_log: "Search audit log",
    no_actions_found: "No matches in the loaded entries.",
    action,
    more: "Load more",
};
