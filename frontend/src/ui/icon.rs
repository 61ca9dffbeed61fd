//! Renders the page's few drawings.

use yew::prelude::*;

/// The drawings that the page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what it is called")]
pub enum Icon {
    Send,
    Close,
    Down,
    Up,
    Dice,
    Settings,
    People,
    Rooms,
    Search,
    Add,
    Unread,
    Delete,
    Filter,
    Link,
    Done,
    Back,
    Onwards,
    Key,
    Upload,
    Owner,
    Moderator,
    Lock,
    Talk,
}

#[derive(PartialEq, Properties)]
pub struct IconProps {
    pub icon: Icon,
}

/// Renders a drawing in the colour of the text around it.
#[component(IconPicture)]
pub fn icon_picture(props: &IconProps) -> Html {
    let path = match props.icon {
        Icon::Send | Icon::Up => "M12 19V5.5M6 11l6-6 6 6",
        Icon::Close => "M6 6l12 12M18 6L6 18",
        Icon::Down => "M12 5v13.5M6 13l6 6 6-6",
        Icon::Dice => {
            "M4.5 12a7.5 7.5 0 0 1 13-5.1L19.5 9M19.5 4v5h-5M19.5 12a7.5 7.5 0 0 1-13 5.1L4.5 15M4.5 20v-5h5"
        }
        Icon::Settings => "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5",
        Icon::Rooms => "M4 7h16M4 12h16M4 17h10",
        Icon::Search => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.3 15.3L20 20",
        Icon::Unread => {
            "M19 13v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1h7M4.5 9.5l7 5 3-2M18.5 7a.5.5 0 1 0 0-1 .5.5 0 0 0 0 1"
        }
        Icon::Delete => "M4.5 7h15M9.5 7V4.8h5V7M6.5 7l.9 12.2h9.2L17.5 7M10.3 10.5v5.2M13.7 10.5v5.2",
        Icon::Filter => "M4 7h16M7 12h10M10 17h4",
        Icon::Link => {
            "M10 13.5a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10.5a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.3-1.3"
        }
        Icon::Done => "M5 12.5l4.5 4.5L19 7.5",
        Icon::Back => "M14.5 6l-6 6 6 6",
        Icon::Owner => "M8 15.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 11.5h8.5M17 11.5v3.5M20.5 11.5V14",
        Icon::Moderator => "M12 3.8l6.7 2.4v5c0 4.2-2.8 7.2-6.7 8.8-3.9-1.6-6.7-4.6-6.7-8.8v-5z",
        Icon::Onwards => "M9.5 6l6 6-6 6",
        Icon::Key => "M15.5 13a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M12.3 11.7L4 20M7.2 16.8l2.6 2.6",
        Icon::Upload => "M12 15.5V4.5M7.5 9L12 4.5 16.5 9M4.5 15v3.5a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1V15",
        Icon::Lock => {
            "M7 11h10a1.5 1.5 0 0 1 1.5 1.5v6A1.5 1.5 0 0 1 17 20H7a1.5 1.5 0 0 1-1.5-1.5v-6A1.5 1.5 0 0 1 7 11M8.5 11V8a3.5 3.5 0 0 1 7 0v3"
        }
        Icon::Talk => {
            "M5 5h14a1.5 1.5 0 0 1 1.5 1.5v8A1.5 1.5 0 0 1 19 16h-6.5L8 19.5V16H5a1.5 1.5 0 0 1-1.5-1.5v-8A1.5 1.5 0 0 1 5 5"
        }
        Icon::Add => "M12 5v14M5 12h14",
        Icon::People => {
            "M15.5 19v-1.2c0-2-2-3.3-4.5-3.3s-4.5 1.3-4.5 3.3V19M11 11.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6M17.5 18.5v-1c0-1.3-.7-2.3-1.8-2.9M15 6a2.7 2.7 0 0 1 0 5.2"
        }
    };
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d={path} fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}

/// Renders Snug's logo, a lamp.
#[component(Logo)]
pub fn logo() -> Html {
    html! {
        <svg class="lamp" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <ellipse class="lamp-glow" cx="16" cy="20" rx="15" ry="11" />
            <path class="lamp-shade" d="M11.2 5h9.6a2 2 0 0 1 1.9 1.3l3.7 10.2A1.5 1.5 0 0 1 25 18.5H7a1.5 1.5 0 0 1-1.4-2l3.7-10.2A2 2 0 0 1 11.2 5z" />
            <path class="lamp-foot" d="M16 18.5V26M11 27h10" fill="none" stroke-width="2.4" stroke-linecap="round" />
        </svg>
    }
}
