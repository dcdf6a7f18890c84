//! `scale MIN..MAX { concurrency C; target P%; idle D }`

use std::time::Duration;

use super::Checker;
use super::value::{Kind, Value};
use super::words::Context;
use crate::model::{Scale, Setting};
use crate::syntax::ast;

/// How long an instance stays without work where nothing is said.
const IDLE: Duration = Duration::from_mins(5);

/// Returns what holds where nothing is said: none kept ready, no bound, one event at a time.
pub(super) fn unscaled() -> Scale {
    Scale {
        min: Setting::language(0),
        max: Setting::language(None),
        concurrency: Setting::language(1),
        target: Setting::language(100),
        idle: Setting::language(IDLE),
    }
}

impl Checker<'_> {
    pub(super) fn scale(&mut self, setting: &ast::Setting) -> Option<Scale> {
        let form = "scale MIN..MAX { concurrency N }";
        let [
            ast::Argument {
                value,
                range: Some(end),
                ..
            },
        ] = setting.arguments.as_slice()
        else {
            self.wrong_form(setting, form);
            return None;
        };
        let min = self.count(value, "MIN of `scale`", 0);
        let max = match end {
            Some(end) => self
                .count(end, "MAX of `scale`", 0)
                .map(|n| Setting::written(Some(n), end.span)),
            None => Some(Setting::language(None)),
        };
        let settings = self.settings(setting.block.as_ref(), Context::Scale);
        let mut scale = Scale {
            min: Setting::written(min?, value.span),
            max: max?,
            ..unscaled()
        };
        if let Some(it) = settings.get("concurrency")
            && let Some(argument) = self.single(it, "concurrency N")
            && let Some(n) = self.count(&argument.value, "`concurrency`", 0)
        {
            scale.concurrency = Setting::written(n, argument.span);
        }
        if let Some(it) = settings.get("target")
            && let Some(argument) = self.single(it, "target N%")
            && let Some(Value::Percent(n)) = self.typed(&argument.value, Kind::Percent, "`target`")
        {
            if !(1..=100).contains(&n) {
                self.out_of_range(argument.span, &format!("`target` is {n}%"), "1% to 100%");
            }
            scale.target = Setting::written(n.clamp(1, 100), argument.span);
        }
        if let Some(idle) = settings
            .get("idle")
            .and_then(|it| self.duration_setting(it))
        {
            scale.idle = idle;
        }
        Some(scale)
    }
}
