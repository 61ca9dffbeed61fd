//! Invites, known users, moderation actions, and the audit log.

use std::net::IpAddr;

use snug_shared::{
    api::{NewInvite, Secret},
    error_code::ErrorCode,
    ids::{ChatId, InviteId, Position},
    people::{ModerationAction, Role, UserRecord},
};
use uuid::Uuid;

use super::{Answer, RequestContext, json, no_content, unavailable};
use crate::{
    clock,
    features::{
        Command, audit,
        invites::{self, CreateInvite, RevokeInvite},
        moderation,
        people::Person,
    },
    network::ClientNetwork,
    rates::Cost,
    secret,
};

/// Handles `GET /api/invites`.
pub(super) async fn invites(context: &RequestContext) -> Answer {
    context.require_role(Role::Moderator)?;
    let now = clock::now();
    let read = context
        .app
        .readers
        .read(move |tables| invites::active(tables, now));
    Ok(json(&read.await.map_err(unavailable)?))
}

/// Handles `POST /api/invites`.
pub(super) async fn create_invite(context: &RequestContext) -> Answer {
    let by = context.require_role(Role::Moderator)?.chat_id;
    let NewInvite { hours, uses } = context.body()?;
    let (secret, hash) = secret::generate();
    let make = CreateInvite {
        invite: InviteId::try_from(Uuid::now_v7().to_string())?,
        hash,
        hours,
        max_uses: uses,
    };
    context.submit(by, Command::CreateInvite(make)).await?;
    Ok(json(&Secret { secret }))
}

/// Handles `DELETE /api/invites/{invite}`.
pub(super) async fn revoke_invite(context: &RequestContext, invite: &str) -> Answer {
    let by = context.require_role(Role::Moderator)?.chat_id;
    let invite = InviteId::try_from(invite)?;
    context
        .app
        .submit(by, Command::RevokeInvite(RevokeInvite { invite }))
        .await?;
    Ok(no_content())
}

/// Handles `GET /api/users`.
pub(super) fn users(context: &RequestContext) -> Answer {
    context.require_role(Role::Moderator)?;
    let now = clock::now();
    let as_of_now = |person: Person| {
        let (muted, out) = (person.is_muted(now), person.is_banned(now));
        UserRecord {
            muted_until: person.known.muted_until.filter(|_| muted),
            banned_until: person.known.banned_until.filter(|_| out),
            ..person.known
        }
    };
    let mut people: Vec<UserRecord> = context.app.access.people().into_iter().map(as_of_now).collect();
    people.sort_by_cached_key(|it| (std::cmp::Reverse(it.role), it.name.as_str().to_lowercase()));
    Ok(json(&people))
}

/// Handles `POST /api/moderation`.
pub(super) async fn moderate(context: &RequestContext) -> Answer {
    let by = context.require_person()?.chat_id;
    let act: ModerationAction = context.body()?;
    // Deleted by a frame, like everything that has to be kept until there is a connection.
    if matches!(act, ModerationAction::DeleteMessage { .. }) {
        return Err(ErrorCode::BadFrame);
    }
    if let Some(refused) = context.too_often(Cost::Moderation, &by) {
        return Ok(refused);
    }
    let target = match &act {
        ModerationAction::Mute { chat_id: person, .. } | ModerationAction::Ban { chat_id: person, .. } => {
            context.app.hub.last_seen(person)
        }
        _ => None,
    };
    let (guest, addresses) = target.map_or((None, Vec::new()), |(user, addresses)| {
        (Some((user.name, user.avatar)), addresses)
    });
    let mut networks = match act {
        ModerationAction::Ban { address: true, .. } => {
            are_theirs(context, &by, &addresses)?;
            addresses
                .into_iter()
                .map(|it| ClientNetwork::from(it).to_string())
                .collect()
        }
        _ => Vec::new(),
    };
    networks.sort();
    networks.dedup();
    let act = moderation::Moderate {
        action: act,
        guest,
        networks,
    };
    context.app.submit(by, Command::Moderate(act)).await?;
    Ok(no_content())
}

/// Checks that guests can be banned by these addresses. Through a proxy all clients seem to have its address, and the moderator's own
/// network may be that of other people in the same building. Members can join from every network in any case.
fn are_theirs(context: &RequestContext, by: &ChatId, addresses: &[IpAddr]) -> Result<(), ErrorCode> {
    let mine = context
        .app
        .hub
        .online_user(by)
        .map_or_else(Vec::new, |(_, mine)| mine);
    let mine: Vec<ClientNetwork> = mine
        .into_iter()
        .chain([context.client.network.address()])
        .map(ClientNetwork::from)
        .collect();
    let proxies = &context.app.config.trusted_proxy;
    let shared = |address: &IpAddr| {
        mine.contains(&ClientNetwork::from(*address))
            || proxies.iter().any(|it| it.contains(address))
            || context.app.relays.has(ClientNetwork::from(*address))
    };
    if addresses.iter().any(shared) {
        Err(ErrorCode::SharedNetwork)
    } else {
        Ok(())
    }
}

/// Handles `GET /api/audit-log?before={n}`.
pub(super) async fn audit_log(context: &RequestContext) -> Answer {
    context.require_role(Role::Owner)?;
    let before = match context.query_value("before") {
        None => Position::LAST,
        Some(n) => n.parse()?,
    };
    let read = context
        .app
        .readers
        .read(move |tables| audit::audit_log(tables, before));
    Ok(json(&read.await.map_err(unavailable)?))
}
