//! Measures how the cost grows with the number of rooms: the users and the members per room stay the same,
//! but each user is in more rooms.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use snug::{
    access_cache::AccessCache, authentication::Identities, identity::Identity, store::folder::Folder,
};

use super::fanout::{BYTES, paced};
use crate::{
    bench::Bench,
    crowd::{Crowd, Visit, Who},
    delivery_check::DeliveryCheck,
    protocol_adapter::SNUG_PROVED,
    resource_usage::{self, Cpu},
    seed_data,
    server::Cores,
    target::{SNUG, Target},
};

/// The number of members of each room.
const MEMBERS: usize = 100;
/// Messages per second: with this many members, less than one core.
const RATE: f64 = 100.0;
const QUIET: Duration = Duration::from_secs(2);

/// Which users are members of which rooms.
#[derive(Clone, Copy)]
struct Plan {
    people: usize,
    rooms: usize,
}

impl Plan {
    /// Returns the members of a room: consecutive users, wrapping around at the end.
    fn members(self, room: usize) -> impl Iterator<Item = usize> {
        (0..MEMBERS).map(move |index| (room * MEMBERS + index) % self.people)
    }
}

pub fn run(bench: &mut Bench) -> Result<()> {
    // The last one is a server with 10,000 users.
    let cases = [(1_000, 1), (1_000, 8), (1_000, 64), (10_000, 8)];
    for &(people, each) in if bench.quick { &cases[..2] } else { &cases } {
        let plan = Plan {
            people,
            rooms: people * each / MEMBERS,
        };
        let folder = bench.place.join(format!("rooms-{}-{people}", plan.rooms));
        seed_data::rooms(&folder, plan.rooms, |room| plan.members(room).collect())?;
        let params = [
            ("clients", people as u64),
            ("rooms", plan.rooms as u64),
            ("rooms_of_each", each as u64),
        ];
        bench.rounds("rooms", &[SNUG], &params, |bench, target| {
            measure(bench, target, &folder, plan)
        })?;
    }
    Ok(())
}

fn measure(bench: &Bench, target: &Target, folder: &Path, plan: Plan) -> Result<Vec<(&'static str, f64)>> {
    let identities = identities(&folder.join("data"))?;
    let running = target.start_in(bench, Cores::Apart, folder)?;
    let pid = running.server.pid();
    let (cpu, memory, begun) = (Cpu::of(pid)?, resource_usage::memory(pid)?.0, Instant::now());
    let visit = Visit {
        who: Who::Known(&|client| {
            Ok(format!(
                "snug-{}={}",
                running.server.address.port(),
                identities.credential(&Identity::guest(seed_data::member_id(client)?))
            ))
        }),
        ..Visit::new(running.server.address, plan.people, &SNUG_PROVED)
    };
    let mut crowd = Crowd::visit(&visit, &mut |_| Ok(()))?;
    let seconds = begun.elapsed().as_secs_f64();
    let entered = Cpu::of(pid)?.since(&cpu).running as f64;
    let bytes = crowd.bytes;
    crowd.settle(QUIET)?;
    let each = |total: f64| total / plan.people as f64;
    let memory = each(resource_usage::memory(pid)?.0 as f64 - memory as f64);
    let mut said = 0;
    let mut pace = |count: usize| {
        // Each room counts as one sender: only its members receive its messages.
        let check = DeliveryCheck::new(plan.people, plan.rooms, MEMBERS);
        paced(&mut crowd, check, RATE, count as u32, &mut |crowd, check, due| {
            let room = said % plan.rooms;
            said += 1;
            let text = check.sent(room, due).text(BYTES / 2);
            let frame = json!({ "code": "RECEIVE_MESSAGE", "room": seed_data::room_id(room)?, "text": text });
            let member = plan.members(room).next().context("a room has members")?;
            crowd.send(member, &frame.to_string())
        })
    };
    // One message in each room, to warm it up.
    pace(plan.rooms)?;
    let cpu = Cpu::of(pid)?;
    let (check, _) = pace(1_000)?;
    let spent = Cpu::of(pid)?.since(&cpu).running as f64;
    ensure!(
        check.deliveries() == 1_000 * MEMBERS as u64,
        "not everybody received all"
    );
    running.server.stop()?;
    Ok(vec![
        ("cpu_ns_per_delivery", spent / check.deliveries() as f64),
        ("last_p50_us", check.last().p50),
        ("last_p99_us", check.last().p99),
        ("rss_bytes_each", memory),
        ("seconds", seconds),
        ("cpu_us_each", each(entered / 1e3)),
        ("bytes_each", each(bytes as f64)),
    ])
}

/// Opens the identities of a data folder, which create the members' cookies.
fn identities(data: &Path) -> Result<Identities> {
    let folder = Folder::open(data)?;
    let access = Arc::new(AccessCache::load(&folder.connection)?);
    Ok(Identities::new(&folder.secret()?, access))
}
