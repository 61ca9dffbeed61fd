//! The house: invitations, who is known, what keeps order, and the record of it.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use snug_shared::{
    api::{NewInvite, Secret},
    code::Code,
    ids::{ChatId, InviteId, Position},
    people::{Act, Known, Role},
};
use uuid::Uuid;

use super::{Answer, Asker, done, json, people::unavailable};
use crate::{
    clock,
    features::{
        Command, house,
        invites::{self, CreateInvite, Withdraw},
        people::Person,
    },
    network::Network,
    rates::Cost,
    secret,
};

/// `GET /api/invites`.
pub(super) async fn invites(asker: &Asker) -> Answer {
    asker.require_role(Role::Moderator)?;
    let now = clock::now();
    let read = asker.app.readers.read(move |tables| invites::active(tables, now));
    Ok(json(&read.await.map_err(unavailable)?))
}

/// `POST /api/invites`.
pub(super) async fn invite(asker: &Asker) -> Answer {
    let by = asker.require_role(Role::Moderator)?.chat_id;
    let NewInvite { hours, uses } = asker.body()?;
    let (secret, hash) = secret::make_up();
    let make = CreateInvite {
        invite: InviteId::try_from(Uuid::now_v7().to_string())?,
        hash,
        hours,
        uses,
    };
    asker.submit(by, Command::Invite(make)).await?;
    Ok(json(&Secret { secret }))
}

/// `DELETE /api/invites/{invite}`.
pub(super) async fn withdraw(asker: &Asker, invite: &str) -> Answer {
    let by = asker.require_role(Role::Moderator)?.chat_id;
    let invite = InviteId::try_from(invite)?;
    asker
        .app
        .submit(by, Command::Withdraw(Withdraw { invite }))
        .await?;
    Ok(done())
}

/// `GET /api/people`.
pub(super) fn people(asker: &Asker) -> Answer {
    asker.require_role(Role::Moderator)?;
    let now = clock::now();
    let as_of_now = |person: Person| {
        let (muted, out) = (person.is_muted(now), person.is_out(now));
        Known {
            muted_until: person.known.muted_until.filter(|_| muted),
            out_until: person.known.out_until.filter(|_| out),
            ..person.known
        }
    };
    let mut people: Vec<Known> = asker.app.access.people().into_iter().map(as_of_now).collect();
    people.sort_by_cached_key(|it| (std::cmp::Reverse(it.role), it.name.as_str().to_lowercase()));
    Ok(json(&people))
}

/// `POST /api/acts`.
pub(super) async fn act(asker: &Asker) -> Answer {
    let by = asker.person()?.chat_id;
    let act: Act = asker.body()?;
    if let Some(refused) = asker.too_often(Cost::Act, &by) {
        return Ok(refused);
    }
    let target = match &act {
        Act::Mute { person, .. } | Act::PutOut { person, .. } => asker.app.hub.last_seen(person),
        _ => None,
    };
    let (guest, addresses) = target.map_or((None, Vec::new()), |(user, addresses)| {
        (Some((user.name, user.avatar)), addresses)
    });
    let mut networks = match act {
        Act::PutOut { address: true, .. } => {
            are_theirs(asker, &by, &addresses)?;
            addresses.into_iter().map(|it| network(it).to_string()).collect()
        }
        _ => Vec::new(),
    };
    networks.sort();
    networks.dedup();
    let act = house::Do { act, guest, networks };
    asker.app.submit(by, Command::Do(act)).await?;
    Ok(done())
}

/// Whether guests can be kept out by these addresses. Through a proxy everybody seems to come from its own; and whoever shares
/// the moderator's own network may be anybody in their house. Members come in from everywhere in any case.
fn are_theirs(asker: &Asker, by: &ChatId, addresses: &[IpAddr]) -> Result<(), Code> {
    let mine = asker
        .app
        .hub
        .online_user(by)
        .map_or_else(Vec::new, |(_, mine)| mine);
    let mine: Vec<Network> = mine
        .into_iter()
        .chain([asker.client.network.address()])
        .map(Network::of)
        .collect();
    let proxies = &asker.app.config.trusted_proxy;
    let shared = |address: &IpAddr| {
        mine.contains(&Network::of(*address))
            || proxies.iter().any(|it| it.contains(address))
            || asker.app.relays.has(Network::of(*address))
    };
    if addresses.iter().any(shared) {
        Err(Code::SharedNetwork)
    } else {
        Ok(())
    }
}

/// `GET /api/record?before={n}`.
pub(super) async fn record(asker: &Asker) -> Answer {
    asker.require_role(Role::Owner)?;
    let before = match asker.asks("before") {
        None => Position::LAST,
        Some(n) => n.parse()?,
    };
    let read = asker
        .app
        .readers
        .read(move |tables| house::audit_log(tables, before));
    Ok(json(&read.await.map_err(unavailable)?))
}

/// What one subscriber has (RFC 6177).
fn network(address: IpAddr) -> IpNet {
    match address {
        IpAddr::V4(address) => Ipv4Net::from(address).into(),
        IpAddr::V6(address) => Ipv6Net::new_assert(address, 64).into(),
    }
}
