//! Uploads a picture for a registered user.

use snug_shared::avatar::Avatar;
use wasm_bindgen::JsCast;
use web_sys::{Element, File, HtmlInputElement, Node};
use yew::prelude::*;

use crate::{
    client::{
        http::Failure,
        pictures,
        storage::{self, Profile},
    },
    prefs::use_words,
    store::use_store,
    ui::{Icon, IconPicture},
};

const KINDS: &str = "image/jpeg,image/png,image/webp,image/gif";

#[derive(PartialEq, Properties)]
pub(crate) struct UploadProps {
    /// The callback that is called with the new avatar, once all users see it.
    pub(crate) on_done: Callback<Avatar>,
    /// The area where a picture may be dropped.
    pub(crate) children: Html,
}

#[derive(Clone, PartialEq)]
enum Upload {
    None,
    UnderWay,
    Done,
    Failed(Failure),
}

/// Renders a button that uploads a picture, below the area where one may be dropped.
#[component(UploadPicture)]
pub(crate) fn upload_picture(props: &UploadProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let upload = use_state(|| Upload::None);
    let over = use_state_eq(|| false);
    let input = use_node_ref();

    let take = {
        let (upload, on_done) = (upload.clone(), props.on_done.clone());
        Callback::from(move |file: File| {
            let you = store.state().replica.you().cloned();
            let Some(you) = you.filter(|_| *upload != Upload::UnderWay) else {
                return;
            };
            upload.set(Upload::UnderWay);
            let (upload, on_done) = (upload.clone(), on_done.clone());
            wasm_bindgen_futures::spawn_local(async move {
                match pictures::show(&file, &you.name).await {
                    Ok(avatar) => {
                        storage::save_profile(&Profile {
                            name: you.name,
                            avatar: avatar.clone(),
                        });
                        on_done.emit(avatar);
                        upload.set(Upload::Done);
                    }
                    Err(failure) => upload.set(Upload::Failed(failure)),
                }
            });
        })
    };
    let onchange = {
        let take = take.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let file = input.files().and_then(|files| files.get(0));
            // The user may choose the same file again.
            input.set_value("");
            file.into_iter().for_each(|file| take.emit(file));
        })
    };
    let choose = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let ondragover = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            // Otherwise the browser replaces the page with the picture.
            event.prevent_default();
            over.set(true);
        })
    };
    let ondragleave = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            let zone = event
                .current_target()
                .and_then(|it| it.dyn_into::<Element>().ok());
            let to = event.related_target().and_then(|it| it.dyn_into::<Node>().ok());
            // Elements inside are left and entered all the time.
            if !zone.is_some_and(|zone| zone.contains(to.as_ref())) {
                over.set(false);
            }
        })
    };
    let ondrop = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            let files = event.data_transfer().and_then(|it| it.files());
            let file = files.and_then(|files| files.get(0));
            file.into_iter().for_each(|file| take.emit(file));
        })
    };
    let busy = *upload == Upload::UnderWay;
    let (failed, note) = match &*upload {
        Upload::None => (false, words.picture_kinds.to_owned()),
        Upload::UnderWay => (false, words.uploading.to_owned()),
        Upload::Done => (false, words.picture_updated.to_owned()),
        Upload::Failed(Failure::Refused(refusal)) => (true, refusal.error.sentence(lang)),
        Upload::Failed(Failure::Lost | Failure::Strange(_) | Failure::NoCookies) => {
            (true, words.upload_failed.to_owned())
        }
    };
    html! {
        <div class={classes!("upload", over.then_some("over"), busy.then_some("busy"))} {ondragover} {ondragleave} {ondrop}>
            { props.children.clone() }
            <div class="upload-row">
                <input ref={input} type="file" accept={KINDS} hidden=true {onchange} />
                <button type="button" class="small" aria-disabled={busy.then_some("true")} aria-describedby="upload-note" onclick={choose}>
                    <IconPicture icon={Icon::Upload} />{ words.upload_picture }
                </button>
                <p id="upload-note" class={classes!("field-note", (!failed).then_some("fine"))} aria-live="polite">{ note }</p>
            </div>
        </div>
    }
}
