//! Who may call a route, and from pages of which sites.

use super::sites::Sites;
use crate::model::{App, Auth, HttpTrigger};

/// What a route asks of those who call it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Who may call it.
    pub guard: Guard,
    /// Which other sites' pages may.
    pub(super) sites: Option<Sites>,
}

/// Who may call a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Guard {
    /// Anybody.
    #[default]
    Open,
    /// Who sends the value of this secret.
    Key(String),
    /// Whom this function lets in.
    Custom(String),
}

impl Access {
    /// Returns what a route asks for.
    pub fn of(app: &App, http: &HttpTrigger) -> Access {
        let guard = match &http.auth.value {
            Auth::Key(secret) => Guard::Key(secret.value.clone()),
            Auth::Custom(function) => Guard::Custom(function.value.clone()),
            // A program with `auth jwt` isn't run.
            Auth::None | Auth::Jwt(_) => Guard::Open,
        };
        Access {
            guard,
            sites: http.cors.as_ref().map(|it| Sites::of(app, &it.value)),
        }
    }
}
