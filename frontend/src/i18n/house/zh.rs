use snug_shared::people::{AuditEntry, JoinPolicy, ModerationAction, Role, Rules};

use super::{super::zh::slow_time, House};
use crate::i18n::isolated;

/// Formats minutes in the greatest unit that divides them.
fn time(minutes: u32) -> String {
    match minutes {
        it if it % 1440 == 0 => format!("{} 天", it / 1440),
        it if it % 60 == 0 => format!("{} 小时", it / 60),
        it => format!("{it} 分钟"),
    }
}

fn person(role: Role) -> &'static str {
    match role {
        Role::Guest => "访客",
        Role::Member => "成员",
        Role::Moderator => "管理员",
        Role::Owner => "所有者",
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
        ModerationAction::SetRole { role, .. } => format!("{by_name} 将 {to} 设为{}", person(*role)),
        ModerationAction::SetRules {
            rules:
                Rules {
                    join_policy: entrance,
                    room_creation_role: open_rooms,
                },
        } => {
            let come = match entrance {
                JoinPolicy::Anyone => "任何人都可以进入",
                JoinPolicy::Invited => "成员和受邀的访客可以进入",
                JoinPolicy::Members => "只有成员可以进入",
            };
            let open = match open_rooms {
                Role::Guest => "所有人都可以新建房间",
                Role::Member => "成员可以新建房间",
                Role::Moderator => "管理员可以新建房间",
                Role::Owner => "所有者可以新建房间",
            };
            format!("{by_name} 设定了规则：{come}，{open}")
        }
        ModerationAction::Mute { minutes: 0, .. } => format!("{by_name} 允许 {to} 重新发言"),
        ModerationAction::Mute { minutes, .. } => format!("{by_name} 将 {to} 禁言 {}", time(*minutes)),
        ModerationAction::Ban { minutes, address, .. } => {
            let long = minutes.map_or("永久".to_owned(), time);
            let address = if *address {
                "，并包括来自同一地址的访客"
            } else {
                ""
            };
            format!("{by_name} 将 {to} 请出（{long}）{address}")
        }
        ModerationAction::Unban { .. } => format!("{by_name} 允许 {to} 重新进入"),
        ModerationAction::SetSlowMode { seconds: 0, .. } => format!("{by_name} 取消了 #{to} 的慢速模式"),
        ModerationAction::DeleteMessage { .. } if record.target.as_deref().is_none_or(str::is_empty) => {
            format!("{by_name} 删除了一位访客的消息")
        }
        ModerationAction::DeleteMessage { .. } => format!("{by_name} 删除了 {to} 的一条消息"),
        ModerationAction::DeleteRoom { .. } => format!("{by_name} 删除了房间 #{to} 及其中的消息"),
        ModerationAction::DeleteAccount { .. } => format!("{by_name} 注销了一个账户并删除了其消息"),
        ModerationAction::SetSlowMode { seconds, .. } => {
            format!("{by_name} 将 #{to} 设为每 {}一条消息", slow_time(*seconds))
        }
    }
}

pub static HOUSE: House = House {
    house: "管理",
    to_rooms: "返回房间",
    sections: "管理分区",
    not_yours: "只有管理员和所有者可以进入这里。",
    owners_only: "只有所有者可以查看。",
    people: "人员",
    invitations: "邀请",
    rules: "规则",
    record: "记录",
    storage: "存储",
    loading: "正在加载…",
    search_people: "搜索人员",
    nobody_found: "没有找到叫这个名字的人。",
    people_about: "保留名字的人，以及受邀、被禁言或被请出的访客。",
    muted_until: |when| format!("禁言至 {when}"),
    out_until: |when| format!("请出至 {when}"),
    out_for_good: "已永久请出",
    role: "角色",
    make: |role| format!("设为{}", person(role)),
    mute: "禁言",
    let_speak: "允许发言",
    put_out: "请出",
    put_out_now: |name| format!("请出 {name}", name = isolated(name)),
    let_in: "允许进入",
    address_too: "同时包括来自同一地址的访客",
    comes_back: "否则访客可以换个名字再次进入。",
    time,
    for_good: "永久",
    put_out_sure: |name, minutes| match minutes {
        Some(minutes) => format!(
            "将 {name} 请出 {}？对方会立即离开，到时间后才能再进入。",
            time(minutes),
            name = isolated(name)
        ),
        None => format!(
            "永久请出 {name}？对方会立即离开，除非有人允许，否则不能再进入。",
            name = isolated(name)
        ),
    },
    account: "账户",
    erase: "注销账户",
    erase_sure: |name| {
        format!(
            "注销 {name} 的账户，并删除其写下的每一条消息？这对所有人永久生效。",
            name = isolated(name)
        )
    },
    erase_now: "注销账户并删除消息",
    owner_sure: |name| {
        format!(
            "将 {name} 设为所有者？所有者拥有与你相同的权限，也可以收回你的权限。",
            name = isolated(name)
        )
    },
    hide_direct: "隐藏对话",
    block: |name| format!("屏蔽 {name}", name = isolated(name)),
    unblock: |name| format!("取消屏蔽 {name}", name = isolated(name)),
    block_about: "隐藏的对话在你再次打开，或未被你屏蔽的人在其中发言时会重新出现。被你屏蔽的人不能单独给你发消息，也不能把你加入房间。",
    delete_room: "删除房间",
    delete_room_sure: "房间及其中的所有消息将对所有人删除，且无法恢复。",
    delete_room_now: "删除",
    step_down_sure: "放弃所有者身份？只有其他所有者才能重新任命你。",
    cancel: "取消",
    invite: "创建邀请",
    good_for: "有效期",
    no_end: "不限",
    good_for_people: "人数",
    any_number: "不限",
    shown_once: "把这个链接发给你邀请的人。它只显示这一次。",
    good_invitations: "有效的邀请",
    no_invitations: "目前没有。",
    made_by: |name| format!("由 {name} 创建", name = isolated(name)),
    until: |when| format!("有效至 {when}"),
    without_end: "长期有效",
    left: |count| format!("还可邀请 {count} 人"),
    for_any_number: "不限人数",
    has_let_in: |count| format!("已进入 {count} 人"),
    withdraw: "撤回",
    withdraw_sure: |name| {
        format!(
            "撤回 {name} 创建的邀请？链接将失效，已经进来的人不受影响。",
            name = isolated(name)
        )
    },
    entrance: "谁可以进入",
    entrance_name: |entrance| match entrance {
        JoinPolicy::Anyone => "任何人",
        JoinPolicy::Invited => "受邀的人",
        JoinPolicy::Members => "仅限成员",
    },
    entrance_about: |entrance| match entrance {
        JoinPolicy::Anyone => "访客取个昵称就能进来。",
        JoinPolicy::Invited => "成员可以进来，访客须有邀请。",
        JoinPolicy::Members => "凭邀请可以保留名字成为成员，成员可以进来。",
    },
    open_rooms: "谁可以新建房间",
    at_least: |role| match role {
        Role::Guest => "所有人",
        Role::Member => "成员",
        Role::Moderator => "管理员",
        Role::Owner => "所有者",
    },
    rules_note: "不再符合规则的人会立即离开。",
    rules_saved: "规则已保存。",
    nothing_recorded: "目前没有任何记录。",
    search_record: "搜索记录",
    not_recorded: "已加载的记录中没有找到。",
    recorded,
    more: "加载更多",
};
