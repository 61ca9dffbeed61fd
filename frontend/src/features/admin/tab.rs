//! The tabs of the administration page, each with an address of its own.

use snug_shared::people::Role;

use crate::{i18n::admin::Admin, route::AdminTab};

/// Returns the title of a tab.
pub(super) fn tab_name(tab: AdminTab, said: &Admin) -> &'static str {
    match tab {
        AdminTab::Members => said.members,
        AdminTab::Invites => said.invites,
        AdminTab::Access => said.access,
        AdminTab::AuditLog => said.audit_log,
        AdminTab::Storage => said.storage,
    }
}

/// Returns the lowest role that may see a tab.
pub(super) fn least_role(tab: AdminTab) -> Role {
    match tab {
        AdminTab::Members | AdminTab::Invites => Role::Moderator,
        AdminTab::Access | AdminTab::AuditLog | AdminTab::Storage => Role::Owner,
    }
}
