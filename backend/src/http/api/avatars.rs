//! Pictures that people upload to show as their avatar.

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

use super::{Answer, RequestContext, json, people::unavailable};
use crate::{
    clock,
    features::{
        Command, Entry,
        pictures::{self, Keep},
    },
    picture,
};

/// How long an upload that holds a permit may pause, and how slow it may be for long, in bytes a second.
const PAUSE: Duration = Duration::from_secs(2);
const SLOWEST: f64 = 32.0 * 1024.0;

/// Whether it is an upload: larger than all else that is asked.
pub(super) fn is_upload(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == snug_shared::api::AVATAR
}

/// An upload in progress.
pub(super) struct Upload {
    person: ChatId,
    /// Once it is longer than a frame: its permit, since when, and how many bytes there were then.
    permit: Option<(picture::UploadPermit, Instant, usize)>,
}

impl Upload {
    /// Admits an upload of a member, so many a day.
    pub(super) fn admit(context: &RequestContext) -> Result<Self, ErrorCode> {
        let person = context.require_role(Role::Member)?.chat_id;
        context.limits.upload(&person)?;
        Ok(Self { person, permit: None })
    }

    /// Notes how many bytes were received. Returns the deadline of the next ones.
    pub(super) fn received(
        &mut self,
        context: &RequestContext,
        bytes: usize,
    ) -> Result<Option<Instant>, ErrorCode> {
        if self.permit.is_none() && bytes > FRAME_BYTES {
            self.permit = Some((self.take_permit(context)?, Instant::now(), bytes));
        }
        // A permit that is held and not used keeps others out.
        Ok(self.permit.as_ref().map(|(_, since, before)| {
            *since + PAUSE + Duration::from_secs_f64((bytes - before) as f64 / SLOWEST)
        }))
    }

    fn take_permit(&self, context: &RequestContext) -> Result<picture::UploadPermit, ErrorCode> {
        context.app.pictures.admit(&self.person, context.client.network)
    }
}

/// `POST /api/avatar`.
pub(super) async fn upload(context: &RequestContext, mut upload: Upload) -> Answer {
    let permit = match upload.permit.take() {
        Some((permit, ..)) => permit,
        None => upload.take_permit(context)?,
    };
    let person = context.require_role(Role::Member)?.chat_id;
    let picture::Square { id, webp } = context.app.pictures.square(permit, context.body.clone()).await?;
    context
        .submit(person, Command::KeepPicture(Keep { id, webp }))
        .await?;
    let avatar = Avatar::Picture(id);
    Ok(json(&Picture { avatar }))
}

/// `GET /api/pictures/{id}`. For whoever has its hash, as anybody has who sees it: what a browser keeps is then the same for all.
pub(super) async fn picture(context: &RequestContext, id: &str) -> Answer {
    let id = PictureId::try_from(id).map_err(|_| ErrorCode::NotFound)?;
    let file = context.app.readers.read(move |tables| pictures::file(tables, id));
    let file = file.await.map_err(unavailable)?.ok_or(ErrorCode::NotFound)?;
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

/// Whoever shows themselves otherwise may have pictures that nothing shows any more. Nobody waits for them to go.
pub(super) async fn delete_unused(context: &RequestContext, by: ChatId) {
    let (at, command) = (clock::now(), Command::TidyPictures);
    drop(context.app.log.submit(Entry { by, at, command }).await);
}
