use snug_shared::people::{Role, SecurityEvent};

use super::People;
use crate::i18n::isolated;

pub static PEOPLE: People = People {
    sign_in: "登录",
    display_name: "昵称",
    password: "密码",
    password_again: "请输入密码以确认是你本人。",
    password_at_least: |count| format!("至少 {count} 个字符"),
    show_password: "显示密码",
    show: "显示",
    hide: "隐藏",
    please_wait: "请稍候…",
    unreachable: "无法连接到服务器，请重试。",
    no_cookies: "此浏览器禁止了本页面的 Cookie。要登录或注册账号，请允许 Cookie；以访客身份加入则不需要。",
    continue_as_guest: "以访客身份继续",
    have_invite_link: "我有邀请链接",
    invite_link: "邀请链接",
    not_an_invite_link: "这不是有效的邀请链接。",
    next: "下一步",
    set_up_server: "设置你的服务器",
    set_up_server_about: "创建所有者账号。之后你可以邀请他人并更改设置。",
    create_owner_account: "创建所有者账号",
    sign_up: "注册",
    invited: "你收到了邀请",
    invited_guest: "取个昵称即可加入。",
    invited_member: "注册账号即可加入。",
    sign_in_here: "在此设备上登录",
    sign_in_here_about: "此链接会以创建者的身份登录，只能使用一次。请仅在你本人创建了它时继续。",
    sign_in_as: |name| format!("此链接会让你以 {name} 的身份登录。", name = isolated(name)),
    cancel: "取消",
    welcome_back: |name| format!("欢迎回来，{name}", name = isolated(name)),
    not_you: |name| format!("不是 {name}？退出登录", name = isolated(name)),
    banned_until: |when| format!("封禁至 {when}。"),
    banned_permanently: "永久封禁，除非管理员解除。",
    signed_out: "你已退出登录。",
    back: "返回",
    role: |role| match role {
        Role::Guest => "访客",
        Role::Member => "成员",
        Role::Moderator => "管理员",
        Role::Owner => "所有者",
    },
    you_are: |role| match role {
        Role::Guest => "你正在以访客身份使用 Snug。",
        Role::Member => "你已登录（成员）。",
        Role::Moderator => "你是这个服务器的管理员。",
        Role::Owner => "你是这个服务器的所有者。",
    },
    create_account: "注册账号",
    create_account_about: "保留你的昵称，并可在其他设备上登录。",
    create_account_as: |name| format!("以“{name}”注册账号", name = isolated(name)),
    account_created: "注册成功。",
    change_password: "更改密码",
    current_password: "当前密码",
    new_password: "新密码",
    others_will_be_signed_out: "你的其他设备将退出登录。",
    password_changed: "密码已更改，其他设备已退出登录。",
    devices: "已登录的设备",
    devices_failed: "设备列表加载失败。",
    this_device: "此设备",
    unknown_device: "未知设备",
    active_within_hour: "一小时内活跃",
    last_active: |ago| format!("上次活跃：{ago}"),
    signed_in_on: |day| format!("登录于 {day}"),
    sign_out: "退出登录",
    delete_account: "注销账号",
    delete_account_goes: "这将为所有人永久删除你的账号、头像、密码、通行密钥，以及你发过的每一条消息。此操作无法撤销。",
    delete_account_stays: "他人的消息和你创建的房间会保留。",
    delete_account_now: "注销账号并删除消息",
    security: |what, device, when| match what {
        SecurityEvent::SignedIn => {
            format!(
                "{device} 登录了你的账号（{when}）。如果不是你本人，请让该设备退出登录并更改密码。",
                device = isolated(device)
            )
        }
        SecurityEvent::PasskeyAdded => format!(
            "{device} 为你的账号添加了通行密钥（{when}）。如果不是你本人，请移除该密钥，让该设备退出登录并更改密码。",
            device = isolated(device)
        ),
        SecurityEvent::PasskeyRemoved => format!(
            "{device} 移除了你账号的一个通行密钥（{when}）。如果不是你本人，请让该设备退出登录并更改密码。",
            device = isolated(device)
        ),
        SecurityEvent::Other => {
            format!(
                "{device} 更改了你的账号（{when}）。如果不是你本人，请让该设备退出登录并更改密码。",
                device = isolated(device)
            )
        }
    },
    it_was_me: "是我本人",
    sign_out_device: |name| format!("让 {name} 退出登录", name = isolated(name)),
    another_device: "在其他设备上登录",
    another_device_how: "用另一台设备扫描此二维码，或在那里打开链接。只能使用一次，10 分钟内有效。",
    sign_in_code: "登录二维码",
    sign_in_link: "登录链接",
    copy: "复制",
    copied: "已复制",
};
