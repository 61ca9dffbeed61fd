//! Uploads pictures to the server.

use js_sys::{Promise, Reflect};
use snug_shared::{
    api::{self, Picture, Profile, Session},
    avatar::Avatar,
    text::Nickname,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, File, HtmlCanvasElement, ImageBitmap};

use super::http::{self, Failure, read};
use crate::browser;

/// The side of an uploaded picture, in pixels: twice the size that the server stores.
const SIDE: u32 = 512;

/// Uploads a picture, and makes it the user's avatar under this name.
pub(crate) async fn show(file: &File, name: &Nickname) -> Result<Avatar, Failure> {
    // Uploading a camera's photograph takes a minute on a slow line, its centre a moment. The server judges a picture that
    // this browser cannot read.
    let square = square(file).await;
    let body: &Blob = square.as_ref().unwrap_or(file);
    let upload = match http::post(api::AVATAR).body(body) {
        Ok(request) => request.send().await,
        Err(error) => Err(error),
    };
    let Picture { avatar } = read(upload).await?;
    let profile = Profile {
        name: name.to_string(),
        avatar: avatar.to_string(),
    };
    let shown = match http::put(api::ACCOUNT).json(&profile) {
        Ok(request) => request.send().await,
        Err(error) => Err(error),
    };
    read::<Session>(shown).await?;
    Ok(avatar)
}

/// Crops a picture to its centre square and reduces its size.
async fn square(file: &File) -> Option<Blob> {
    let bitmap = browser::window().create_image_bitmap_with_blob(file).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(bitmap).await.ok()?.dyn_into().ok()?;
    let (width, height) = (bitmap.width(), bitmap.height());
    let from = width.min(height);
    let to = from.min(SIDE);
    let canvas = browser::document().create_element("canvas").ok()?;
    let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
    canvas.set_width(to);
    canvas.set_height(to);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    // Otherwise a large picture is reduced by omitting most of its pixels.
    let _ = Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
    let (x, y) = (f64::from((width - from) / 2), f64::from((height - from) / 2));
    let (from, to) = (f64::from(from), f64::from(to));
    context
        .draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &bitmap, x, y, from, from, 0.0, 0.0, to, to,
        )
        .ok()?;
    bitmap.close();
    // A browser that cannot write WebP writes PNG.
    let blob = Promise::new(&mut |resolve, _| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        let _ = canvas.to_blob_with_type(done.unchecked_ref(), "image/webp");
    });
    JsFuture::from(blob).await.ok()?.dyn_into().ok()
}
