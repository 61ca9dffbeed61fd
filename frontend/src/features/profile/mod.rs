//! The user's name, avatar and preferences, for the join page and for the settings.

mod form;
mod picture;
mod pref_choices;
mod upload;

pub(crate) use self::{
    form::{Filled, ProfileForm, shows, text},
    pref_choices::PrefChoices,
};
