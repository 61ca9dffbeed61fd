use snug_shared::people::{AuditEntry, JoinPolicy, ModerationAction, Role, Rules};

use super::Admin;
use crate::i18n::{isolated, slow_time::zh as slow_time};

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
        ModerationAction::SetRole { role, .. } => format!("{by_name} 将 {to} 设为{}", person(*role)),
        ModerationAction::SetRules {
            rules: Rules {
                join_policy,
                room_creation_role,
            },
        } => {
            let come = match join_policy {
                JoinPolicy::Anyone => "任何人都可以加入",
                JoinPolicy::Invited => "成员和受邀的人可以加入",
                JoinPolicy::Members => "只有成员可以加入",
            };
            let open = match room_creation_role {
                Role::Guest => "所有人都可以创建房间",
                Role::Member => "成员可以创建房间",
                Role::Moderator => "管理员可以创建房间",
                Role::Owner => "所有者可以创建房间",
            };
            format!("{by_name} 更改了访问权限：{come}，{open}")
        }
        ModerationAction::Mute { minutes: 0, .. } => format!("{by_name} 解除了 {to} 的禁言"),
        ModerationAction::Mute { minutes, .. } => format!("{by_name} 将 {to} 禁言 {}", time(*minutes)),
        ModerationAction::Ban { minutes, address, .. } => {
            let address = if *address {
                "，并包括来自同一 IP 地址的访客"
            } else {
                ""
            };
            match minutes {
                Some(minutes) => format!("{by_name} 将 {to} 封禁 {}{address}", time(*minutes)),
                None => format!("{by_name} 永久封禁了 {to}{address}"),
            }
        }
        ModerationAction::Unban { .. } => format!("{by_name} 解除了 {to} 的封禁"),
        ModerationAction::SetSlowMode { seconds: 0, .. } => format!("{by_name} 关闭了 #{to} 的慢速模式"),
        ModerationAction::DeleteMessage { .. } if record.target.as_deref().is_none_or(str::is_empty) => {
            format!("{by_name} 删除了一位访客的消息")
        }
        ModerationAction::DeleteMessage { .. } => format!("{by_name} 删除了 {to} 的一条消息"),
        ModerationAction::DeleteRoom { .. } => format!("{by_name} 删除了房间 #{to} 及其中的消息"),
        ModerationAction::DeleteAccount { .. } => format!("{by_name} 注销了一个账号并删除了其消息"),
        ModerationAction::SetSlowMode { seconds, .. } => {
            format!("{by_name} 将 #{to} 的慢速模式设为 {}", slow_time(*seconds))
        }
    }
}

pub static ADMIN: Admin = Admin {
    title: "管理",
    back_to_chat: "返回聊天",
    sections: "管理分区",
    moderators_only: "只有管理员和所有者可以查看此页面。",
    owners_only: "只有所有者可以查看。",
    members: "成员",
    invites: "邀请",
    access: "访问权限",
    audit_log: "审计日志",
    storage: "存储",
    loading: "正在加载…",
    search_people: "搜索成员",
    no_people_found: "没有找到成员。",
    members_about: "已注册的成员，以及受邀、被禁言或被封禁的访客。",
    muted_until: |when| format!("禁言至 {when}"),
    banned_until: |when| format!("封禁至 {when}"),
    banned_permanently: "已永久封禁",
    role: "角色",
    make: |role| format!("设为{}", person(role)),
    mute: "禁言",
    unmute: "解除禁言",
    ban: "封禁",
    ban_now: |name| format!("封禁 {name}", name = isolated(name)),
    unban: "解除封禁",
    ban_address: "同时封禁来自同一 IP 地址的访客",
    ban_address_about: "否则访客可以换个昵称重新加入。",
    time,
    permanently: "永久",
    ban_confirm: |name, minutes| match minutes {
        Some(minutes) => format!(
            "将 {name} 封禁 {}？对方会立即断开连接，到时间后才能重新加入。",
            time(minutes),
            name = isolated(name)
        ),
        None => format!(
            "永久封禁 {name}？对方会立即断开连接，除非管理员解除封禁，否则不能重新加入。",
            name = isolated(name)
        ),
    },
    account: "账号",
    delete_account: "注销账号",
    delete_account_confirm: |name| {
        format!(
            "注销 {name} 的账号，并为所有人删除其发过的每一条消息？此操作无法撤销。",
            name = isolated(name)
        )
    },
    delete_account_now: "注销账号并删除消息",
    owner_confirm: |name| {
        format!(
            "将 {name} 设为所有者？所有者拥有全部权限，也可以取消你的所有者身份。",
            name = isolated(name)
        )
    },
    hide_direct: "隐藏私信",
    block: |name| format!("屏蔽 {name}", name = isolated(name)),
    unblock: |name| format!("取消屏蔽 {name}", name = isolated(name)),
    block_about: "隐藏的私信在你再次打开，或未被你屏蔽的人在其中发消息时会重新出现。被你屏蔽的人不能给你发私信，也不能把你加入房间。",
    delete_room: "删除房间",
    delete_room_confirm: "这将为所有人删除此房间及其中的所有消息。此操作无法撤销。",
    delete_room_now: "永久删除",
    step_down_confirm: "放弃所有者身份？只有其他所有者才能撤销此操作。",
    cancel: "取消",
    create_invite: "创建邀请链接",
    expires_after: "有效期",
    never: "永不过期",
    max_uses: "使用次数上限",
    unlimited: "不限",
    shown_once: "分享此链接。之后将无法再次查看。",
    active_invites: "有效的邀请",
    no_invites: "没有有效的邀请。",
    created_by: |name| format!("由 {name} 创建", name = isolated(name)),
    expires: |when| format!("有效至 {when}"),
    never_expires: "永不过期",
    uses_left: |count| format!("剩余 {count} 次"),
    unlimited_uses: "次数不限",
    used_by: |count| format!("已使用 {count} 次"),
    revoke: "撤销",
    revoke_confirm: |name| {
        format!(
            "撤销 {name} 创建的邀请？链接将失效，已加入的人不受影响。",
            name = isolated(name)
        )
    },
    who_can_join: "谁可以加入",
    join_policy: |join_policy| match join_policy {
        JoinPolicy::Anyone => "任何人",
        JoinPolicy::Invited => "受邀的人",
        JoinPolicy::Members => "仅限成员",
    },
    join_policy_about: |join_policy| match join_policy {
        JoinPolicy::Anyone => "知道地址的人取个昵称即可加入。",
        JoinPolicy::Invited => "成员可登录，新用户需要邀请链接。",
        JoinPolicy::Members => "仅限注册成员，新成员凭邀请链接注册。",
    },
    who_can_create_rooms: "谁可以创建房间",
    at_least: |role| match role {
        Role::Guest => "所有人",
        Role::Member => "成员",
        Role::Moderator => "管理员",
        Role::Owner => "所有者",
    },
    access_about: "不再有访问权限的人会立即断开连接。",
    access_saved: "设置已保存。",
    no_actions: "暂无操作记录。",
    search_audit_log: "搜索审计日志",
    no_actions_found: "已加载的记录中没有匹配项。",
    action,
    more: "加载更多",
};
