//! Uploaded pictures for avatars.

use snug_shared::{
    api::Picture,
    avatar::Avatar,
    error_code::ErrorCode,
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

use super::{Answer, RequestContext, json, unavailable};
use crate::{
    clock,
    features::{
        Command, Entry,
        pictures::{self, StorePicture},
    },
    picture,
};

/// The longest pause of an upload that holds a permit, and its minimum rate for long, in bytes a second.
const PAUSE: Duration = Duration::from_secs(2);
const SLOWEST: f64 = 32.0 * 1024.0;

/// Whether the request is an upload: its body is larger than that of any other request.
pub(super) fn is_upload(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == snug_shared::api::AVATAR
}

/// An upload in progress.
pub(super) struct Upload {
    person: ChatId,
    /// The permit of an upload that is longer than a frame, the time since when it is held, and the number of bytes at that time.
    permit: Option<(picture::UploadPermit, Instant, usize)>,
}

impl Upload {
    /// Admits a member's upload, within their allowance of a day.
    pub(super) fn admit(context: &RequestContext) -> Result<Self, ErrorCode> {
        let person = context.require_role(Role::Member)?.chat_id;
        context.limits.upload(&person)?;
        Ok(Self { person, permit: None })
    }

    /// Records how many bytes were received. Returns the deadline of the next ones.
    pub(super) fn received(
        &mut self,
        context: &RequestContext,
        bytes: usize,
    ) -> Result<Option<Instant>, ErrorCode> {
        if self.permit.is_none() && bytes > FRAME_BYTES {
            self.permit = Some((self.take_permit(context)?, Instant::now(), bytes));
        }
        // An idle upload that holds a permit would block the uploads of others.
        Ok(self.permit.as_ref().map(|(_, since, before)| {
            *since + PAUSE + Duration::from_secs_f64((bytes - before) as f64 / SLOWEST)
        }))
    }

    fn take_permit(&self, context: &RequestContext) -> Result<picture::UploadPermit, ErrorCode> {
        context.app.pictures.admit(&self.person, context.client.network)
    }
}

/// Handles `POST /api/avatar`.
pub(super) async fn upload(context: &RequestContext, mut upload: Upload) -> Answer {
    let permit = match upload.permit.take() {
        Some((permit, ..)) => permit,
        None => upload.take_permit(context)?,
    };
    let person = context.require_role(Role::Member)?.chat_id;
    let picture::Square { id, webp } = context.app.pictures.square(permit, context.body.clone()).await?;
    context
        .submit(person, Command::StorePicture(StorePicture { id, webp }))
        .await?;
    let avatar = Avatar::Picture(id);
    Ok(json(&Picture { avatar }))
}

/// Handles `GET /api/pictures/{id}`. The response is for any client that has the hash, which is sent to all who see the avatar: a
/// cached response is then the same for all of them.
pub(super) async fn picture(context: &RequestContext, id: &str) -> Answer {
    let id = PictureId::try_from(id).map_err(|_| ErrorCode::NotFound)?;
    let file = context.app.readers.read(move |tables| pictures::file(tables, id));
    let file = file.await.map_err(unavailable)?.ok_or(ErrorCode::NotFound)?;
    let mut response = Response::new(file.into());
    for (name, value) in [
        (header::CONTENT_TYPE, "image/webp"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        // A picture that is opened as a page of its own may do nothing.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response.into_response())
}

/// Checks that the picture of an avatar exists.
pub(super) async fn may_show(context: &RequestContext, avatar: &Avatar) -> Result<(), ErrorCode> {
    let wanted = avatar.clone();
    let there = context
        .app
        .readers
        .read(move |tables| pictures::exists(tables, &wanted));
    if there.await.map_err(unavailable)? {
        Ok(())
    } else {
        Err(ErrorCode::BadAvatar)
    }
}

/// Deletes pictures that no avatar uses any more, after a change of avatar. Does not wait for the deletion.
pub(super) async fn delete_unused(context: &RequestContext, by: ChatId) {
    let (at, command) = (clock::now(), Command::DeleteUnusedPictures);
    drop(context.app.log.submit(Entry { by, at, command }).await);
}
