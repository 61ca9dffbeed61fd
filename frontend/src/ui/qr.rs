//! Renders a QR code (ISO/IEC 18004), as one path.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};
use yew::prelude::*;

/// The width of the white border, in modules; without it a camera does not find the code.
const QUIET: i32 = 4;

#[derive(PartialEq, Properties)]
pub struct QrProps {
    pub text: AttrValue,
    pub label: AttrValue,
}

/// Renders the code dark on white also at night: not every camera reads inverted codes.
#[component(QrPicture)]
pub fn qr_picture(props: &QrProps) -> Html {
    let Ok(code) = QrCode::encode_text(&props.text, QrCodeEcc::Low) else {
        // Too long for any code; the text beside it has the same content.
        return html! {};
    };
    let size = code.size() + 2 * QUIET;
    html! {
        <svg class="qr" viewBox={format!("0 0 {size} {size}")} role="img" aria-label={props.label.clone()} shape-rendering="crispEdges">
            <rect width={size.to_string()} height={size.to_string()} fill="#fff" />
            <path d={path(&code)} fill="#000" />
        </svg>
    }
}

/// Returns a path with a stripe for each run of dark modules in a row.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|&x| code.get_module(x, y)).count();
            let run = i32::try_from(run).unwrap_or_default();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_has_the_dark_modules_and_no_others() {
        let code =
            QrCode::encode_text("https://snug.example/#sign-in=secret", QrCodeEcc::Low).expect("short");
        let dark = |y: i32| (0..code.size()).filter(|&x| code.get_module(x, y)).count();
        let all: usize = (0..code.size()).map(dark).sum();
        let path = path(&code);
        let runs = path
            .split('h')
            .filter_map(|it| it.split_once('v')?.0.parse::<usize>().ok());
        assert_eq!(runs.sum::<usize>(), all);
        assert!(
            path.starts_with("M4 4h7v1h-7z"),
            "the corner that every code has: {path}"
        );
    }
}
