use snug_shared::people::{Role, SecurityEvent};

use super::People;
use crate::i18n::isolated;

pub static PEOPLE: People = People {
    sign_in: "登录",
    name: "名字",
    password: "密码",
    password_again: "请输入密码，以免他人以你的名义操作。",
    password_at_least: |count| format!("至少 {count} 个字符"),
    show_password: "显示密码",
    show: "显示",
    hide: "隐藏",
    one_moment: "请稍候…",
    did_not_arrive: "未能连接到服务器，请重试。",
    no_cookies: "此浏览器不为本页面保存 Cookie。要登录或保留名字，请允许 Cookie；以访客身份进入则不需要。",
    as_guest: "以访客身份进入",
    have_invitation: "我有邀请链接",
    invitation_link: "邀请链接",
    not_an_invitation: "这不是邀请链接。",
    next: "下一步",
    yours: "这里由你做主",
    yours_more: "取一个在这里保留的名字，并设置密码。规则由你来定。",
    found: "开启这里",
    invited: "你受到了邀请",
    invited_guest: "说说你是谁，就可以进来了。",
    invited_member: "取一个在这里保留的名字，并设置密码。",
    sign_in_here: "在此设备上登录",
    sign_in_here_more: "你打开的链接会以创建者的身份登录一次。请确认那是你本人。",
    sign_in_as: |name| format!("此链接会让你以 {name} 的身份登录。", name = isolated(name)),
    cancel: "取消",
    welcome_back: |name| format!("欢迎回来，{name}", name = isolated(name)),
    not_you: |name| format!("不是 {name}？退出登录", name = isolated(name)),
    out_until: |when| format!("截止时间：{when}。"),
    out_for_good: "没有期限，除非管理员再次允许你进入。",
    signed_out: "你已在此设备上退出登录。",
    back: "返回",
    role: |role| match role {
        Role::Guest => "访客",
        Role::Member => "成员",
        Role::Moderator => "管理员",
        Role::Owner => "所有者",
    },
    you_are: |role| match role {
        Role::Guest => "你是访客。",
        Role::Member => "你是成员，名字为你保留。",
        Role::Moderator => "你是管理员。",
        Role::Owner => "你是这里的所有者。",
    },
    keep_name: "保留你的名字",
    keep_name_why: "设置密码后，你可以在其他设备上登录，别人也不能用你的名字。",
    keep_this: |name| format!("保留“{name}”", name = isolated(name)),
    name_is_kept: "名字已为你保留。",
    change_password: "更改密码",
    old_password: "当前密码",
    new_password: "新密码",
    others_signed_out: "你的其他设备将退出登录。",
    password_changed: "密码已更改，其他设备已退出登录。",
    devices: "设备",
    devices_failed: "设备列表加载失败。",
    this_device: "此设备",
    unknown_device: "未知设备",
    here_lately: "一小时内使用过",
    last_here: |ago| format!("上次使用：{ago}"),
    signed_in_on: |day| format!("登录于{day}"),
    sign_out: "退出登录",
    delete_account: "注销账户",
    delete_account_goes: "你的名字、头像、密码和通行密钥，以及你在所有房间和对话中写下的每一条消息，都将为所有人永久删除。",
    delete_account_stays: "保留下来的是别人写下的内容、你开设的房间，以及曾有一位不具名的人在那里发过言这一事实。",
    delete_account_now: "注销我的账户并删除我的消息",
    security: |what, device, when| match what {
        SecurityEvent::SignedIn => {
            format!(
                "{device} 登录了你的账户（{when}）。如果不是你本人，请让它退出登录并更改密码。",
                device = isolated(device)
            )
        }
        SecurityEvent::PasskeyAdded => format!(
            "{device} 为你的账户添加了通行密钥（{when}）。如果不是你本人，请删除该密钥，让该设备退出登录并更改密码。",
            device = isolated(device)
        ),
        SecurityEvent::PasskeyRemoved => format!(
            "{device} 删除了你账户的一个通行密钥（{when}）。如果不是你本人，请让该设备退出登录并更改密码。",
            device = isolated(device)
        ),
        SecurityEvent::Other => {
            format!(
                "{device} 更改了你的账户（{when}）。如果不是你本人，请让该设备退出登录并更改密码。",
                device = isolated(device)
            )
        }
    },
    it_was_me: "是我本人",
    sign_out_device: |name| format!("让 {name} 退出登录", name = isolated(name)),
    another_device: "在其他设备上登录",
    another_device_how: "用另一台设备的相机扫描，或在那里打开链接。10 分钟内有效，只能使用一次。",
    sign_in_code: "链接的二维码",
    sign_in_link: "登录链接",
    copy: "复制",
    copied: "已复制",
};
