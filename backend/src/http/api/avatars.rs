//! Pictures that people upload to show as their avatar.

use snug_shared::{
    api::Picture,
    avatar::Avatar,
    code::Code,
    ids::{ChatId, PictureId},
    people::Role,
};
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

/// Whether it is an upload: larger than all else that is asked.
pub(super) fn is_upload(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == snug_shared::api::AVATAR
}

/// A place for one, before any of it is read: for members, so many a day, few at a time.
pub(super) fn admit(asker: &Asker) -> Result<picture::Place, Code> {
    let person = asker.at_least(Role::Member)?.chat_id;
    let place = asker.app.pictures.place()?;
    asker.doors.upload(&person)?;
    Ok(place)
}

/// `POST /api/avatar`.
pub(super) async fn upload(asker: &Asker, place: picture::Place) -> Answer {
    let person = asker.at_least(Role::Member)?.chat_id;
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
        .read(move |tables| pictures::is_there(tables, &wanted));
    if there.await.map_err(unavailable)? {
        Ok(())
    } else {
        Err(Code::BadAvatar)
    }
}

/// Whoever shows themselves otherwise may have pictures that nothing shows any more. Nobody waits for them to go.
pub(super) async fn tidy(asker: &Asker, by: ChatId) {
    let (at, command) = (clock::now(), Command::TidyPictures);
    drop(asker.app.log.submit(Entry { by, at, command }).await);
}
