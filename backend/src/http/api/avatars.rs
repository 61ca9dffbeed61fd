//! Pictures that people upload to show as their avatar.

use snug_shared::{
    api::Picture,
    avatar::Avatar,
    code::Code,
    ids::{ChatId, PictureId},
    limits::FRAME_BYTES,
    people::Role,
};
use tokio::time::{Duration, Instant};
use warp::{
    Reply,
    http::{HeaderValue, Method, header},
    reply::Response,
};

use super::{Answer, Asker, json, people::unavailable};
use crate::{
    clock,
    features::{
        Command, Entry,
        pictures::{self, Keep},
    },
    picture,
};

/// How long an upload that holds a place may pause, and how slow it may be for long, in bytes a second.
const PAUSE: Duration = Duration::from_secs(2);
const SLOWEST: f64 = 32.0 * 1024.0;

/// Whether it is an upload: larger than all else that is asked.
pub(super) fn is_upload(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == snug_shared::api::AVATAR
}

/// What may be longer than all else that is asked, on its way here.
pub(super) struct Upload {
    person: ChatId,
    /// Once it is longer: its place in memory, since when, and how much there was then.
    place: Option<(picture::Place, Instant, usize)>,
}

impl Upload {
    /// Of a member, so many a day.
    pub(super) fn admit(asker: &Asker) -> Result<Self, Code> {
        let person = asker.require_role(Role::Member)?.chat_id;
        asker.doors.upload(&person)?;
        Ok(Self { person, place: None })
    }

    /// So many bytes are here. By when the next ones have to come.
    pub(super) fn received(&mut self, asker: &Asker, bytes: usize) -> Result<Option<Instant>, Code> {
        if self.place.is_none() && bytes > FRAME_BYTES {
            self.place = Some((self.take_place(asker)?, Instant::now(), bytes));
        }
        // Whoever holds a place and does not use it keeps somebody else out.
        Ok(self.place.as_ref().map(|(_, since, before)| {
            *since + PAUSE + Duration::from_secs_f64((bytes - before) as f64 / SLOWEST)
        }))
    }

    fn take_place(&self, asker: &Asker) -> Result<picture::Place, Code> {
        asker.app.pictures.place(&self.person, asker.client.network)
    }
}

/// `POST /api/avatar`.
pub(super) async fn upload(asker: &Asker, mut upload: Upload) -> Answer {
    let place = match upload.place.take() {
        Some((place, ..)) => place,
        None => upload.take_place(asker)?,
    };
    let person = asker.require_role(Role::Member)?.chat_id;
    let picture::Square { id, webp } = asker.app.pictures.square(place, asker.body.clone()).await?;
    asker
        .submit(person, Command::KeepPicture(Keep { id, webp }))
        .await?;
    let avatar = Avatar::Picture(id);
    Ok(json(&Picture { avatar }))
}

/// `GET /api/pictures/{id}`. For whoever has its hash, as anybody has who sees it: what a browser keeps is then the same for all.
pub(super) async fn picture(asker: &Asker, id: &str) -> Answer {
    let id = PictureId::try_from(id).map_err(|_| Code::NotFound)?;
    let file = asker.app.readers.read(move |tables| pictures::file(tables, id));
    let file = file.await.map_err(unavailable)?.ok_or(Code::NotFound)?;
    let mut response = Response::new(file.into());
    for (name, value) in [
        (header::CONTENT_TYPE, "image/webp"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        // Opened as a page of its own, it may do nothing.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response.into_response())
}

/// Nobody shows a picture that is not there.
pub(super) async fn may_show(asker: &Asker, avatar: &Avatar) -> Result<(), Code> {
    let wanted = avatar.clone();
    let there = asker
        .app
        .readers
        .read(move |tables| pictures::exists(tables, &wanted));
    if there.await.map_err(unavailable)? {
        Ok(())
    } else {
        Err(Code::BadAvatar)
    }
}

/// Whoever shows themselves otherwise may have pictures that nothing shows any more. Nobody waits for them to go.
pub(super) async fn delete_unused(asker: &Asker, by: ChatId) {
    let (at, command) = (clock::now(), Command::TidyPictures);
    drop(asker.app.log.submit(Entry { by, at, command }).await);
}
