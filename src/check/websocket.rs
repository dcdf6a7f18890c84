//! `on websocket …`: what happens on the connections that clients keep open.

use super::Checker;
use super::arguments::bare_word;
use super::words::Context;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Auth, Name, Setting, WebsocketEvent, WebsocketTrigger};
use crate::syntax::ast::{self, Argument};

/// How a websocket trigger is written.
pub(super) const FORM: &str = "on websocket connect | disconnect | message \"route\"";

/// The longest name of a route.
const LONGEST_ROUTE: usize = 128;

impl Checker<'_> {
    /// Reads what follows `on websocket`: `None` when it has the wrong form, `Err` when it was reported.
    pub(super) fn websocket_trigger(
        &mut self,
        rest: &[&Argument],
        block: Option<&ast::Block>,
    ) -> Option<Result<WebsocketTrigger, ()>> {
        let (event, route) = rest.split_first()?;
        let event = bare_word(event)?;
        let known = [("connect", 0), ("disconnect", 1), ("message", 2)];
        let Some(kind) = self.one_of(&event, "event of a websocket", &known) else {
            return Some(Err(()));
        };
        let context = if kind == 0 {
            Context::WebsocketConnect
        } else {
            Context::Websocket
        };
        let settings = self.settings(block, context);
        let auth = if kind == 0 {
            self.connect_auth(&settings)
        } else {
            Setting::language(Auth::None)
        };
        let event = match (kind, route) {
            (0, []) => WebsocketEvent::Connect,
            (1, []) => WebsocketEvent::Disconnect,
            (2, []) => WebsocketEvent::Message(None),
            (2, [route]) => {
                let Some(route) = self.websocket_route(route) else {
                    return Some(Err(()));
                };
                WebsocketEvent::Message(Some(route))
            }
            _ => return None,
        };
        Some(Ok(WebsocketTrigger { event, auth }))
    }

    fn websocket_route(&mut self, argument: &Argument) -> Option<Name> {
        let route = self.text(&argument.value, "a route")?;
        let plain = |it: char| it.is_ascii_alphanumeric() || "-_./:".contains(it);
        let problem = if route.value.is_empty() {
            "it is empty: for every other message leave the route out"
        } else if route.value.len() > LONGEST_ROUTE {
            "longer than 128 characters"
        } else if !route.value.chars().all(plain) {
            "letters, digits and `- _ . / :`"
        } else {
            return Some(route);
        };
        let message = format!("`{}` is not a route of a websocket", route.value);
        self.report(
            Diagnostic::new(Code::FN0442, message)
                .label(route.span, problem)
                .help("the route is the `action` member of the messages: {\"action\": \"say\", …}"),
        );
        None
    }
}
