use super::Passkeys;
use crate::i18n::isolated;

pub static PASSKEYS: Passkeys = Passkeys {
    sign_in: "使用通行密钥登录",
    passkeys: "通行密钥",
    about: "用指纹、面容或屏幕锁登录，代替密码。",
    none: "还没有通行密钥。",
    add: "添加通行密钥",
    added: |date| format!("添加于 {date}"),
    used: |date| format!("上次使用 {date}"),
    remove: "移除",
    remove_named: |name| format!("移除通行密钥 {name}", name = isolated(name)),
    remove_confirm: "你将无法再用此通行密钥登录。你的设备会保留它，直到你在设备上删除。",
    not_signed: "已取消通行密钥登录。",
    not_added: "未能添加通行密钥。",
    here_already: "此设备已有你账号的通行密钥。",
    failed: "浏览器出错了，请重试。",
    unsupported: "此浏览器不支持通行密钥。",
};
