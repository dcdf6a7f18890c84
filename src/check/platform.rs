//! What a function asks of the platform beside memory and time: disk, processor, logs, tracing, tags, layers, network.

use indexmap::IndexMap;

use super::Checker;
use super::arguments::{arguments_span, bare_word};
use super::function::inherit;
use super::settings::Settings;
use crate::model::{Arch, Name, Setting, Size, Thing};
use crate::source::Spanned;
use crate::syntax::ast;

/// The settings as written, in a function or in `defaults`.
#[derive(Debug, Clone, Default)]
pub(super) struct Platform {
    pub(super) disk: Option<Setting<Size>>,
    pub(super) arch: Option<Setting<Arch>>,
    pub(super) logs: Option<Setting<std::time::Duration>>,
    pub(super) trace: Option<Setting<bool>>,
    pub(super) tags: IndexMap<String, Spanned<String>>,
    pub(super) layers: Option<Vec<Name>>,
    pub(super) vpc: Option<Name>,
}

impl Platform {
    /// Marks every setting as coming from `defaults`.
    pub(super) fn inherited(&mut self) {
        self.disk.iter_mut().for_each(inherit);
        self.arch.iter_mut().for_each(inherit);
        self.logs.iter_mut().for_each(inherit);
        self.trace.iter_mut().for_each(inherit);
    }

    /// Returns what holds in a function: its own settings, then the defaults; tags are merged.
    pub(super) fn over(self, defaults: &Platform) -> Platform {
        let mut tags = defaults.tags.clone();
        tags.extend(self.tags);
        Platform {
            disk: self.disk.or(defaults.disk),
            arch: self.arch.or(defaults.arch),
            logs: self.logs.or(defaults.logs),
            trace: self.trace.or(defaults.trace),
            tags,
            layers: self.layers.or_else(|| defaults.layers.clone()),
            vpc: self.vpc.or_else(|| defaults.vpc.clone()),
        }
    }
}

impl Checker<'_> {
    pub(super) fn platform(&mut self, settings: &Settings<'_>) -> Platform {
        Platform {
            disk: settings.get("disk").and_then(|it| self.size_setting(it)),
            arch: settings.get("arch").and_then(|it| self.arch(it)),
            logs: settings.get("logs").and_then(|it| self.logs(it)),
            trace: settings.get("trace").map(|it| self.flag(it)),
            tags: settings
                .get("tags")
                .map(|it| self.tags(it))
                .unwrap_or_default(),
            layers: settings.get("layers").map(|it| self.layers(it)),
            vpc: settings.get("vpc").and_then(|it| self.vpc(it)),
        }
    }

    fn arch(&mut self, setting: &ast::Setting) -> Option<Setting<Arch>> {
        let argument = self.single(setting, "arch arm64")?;
        let Some(word) = bare_word(argument) else {
            self.wrong_form(setting, "arch arm64");
            return None;
        };
        let known = [Arch::X64, Arch::Arm64].map(|it| (it.word(), it));
        let arch = self.one_of(&word, "architecture", &known);
        arch.map(|it| Setting::written(it, word.span))
    }

    /// Reads `logs keep DURATION`.
    fn logs(&mut self, setting: &ast::Setting) -> Option<Setting<std::time::Duration>> {
        let plain = |it: &ast::Argument| it.range.is_none() && !it.after_comma;
        let fits = setting.block.is_none() && setting.arguments.iter().all(plain);
        let [keep, time] = setting.arguments.as_slice() else {
            self.wrong_form(setting, "logs keep 30d");
            return None;
        };
        if !fits || bare_word(keep).is_none_or(|it| it.value != "keep") {
            self.wrong_form(setting, "logs keep 30d");
            return None;
        }
        let duration = self.duration(&time.value, "`logs keep`")?;
        if duration.is_zero() {
            self.out_of_range(
                time.span,
                "`logs keep` is zero",
                "any duration longer than zero",
            );
            return None;
        }
        Some(Setting::written(duration, arguments_span(setting)))
    }

    /// Reads `tags { KEY = "value" }`.
    pub(super) fn tags(&mut self, setting: &ast::Setting) -> IndexMap<String, Spanned<String>> {
        let mut tags = IndexMap::new();
        for entry in self.entries(setting) {
            let what = format!("the tag `{}`", entry.key.value);
            if let Some(text) = self.text(&entry.value, &what) {
                tags.insert(entry.key.value.to_string(), text);
            }
        }
        tags
    }

    fn layers(&mut self, setting: &ast::Setting) -> Vec<Name> {
        let names: Option<Vec<_>> = setting.arguments.iter().map(bare_word).collect();
        let commas = setting.arguments.iter().skip(1).all(|it| it.after_comma);
        let names = names.filter(|it| setting.block.is_none() && commas && !it.is_empty());
        let Some(names) = names else {
            self.wrong_form(setting, "layers NAME, …");
            return Vec::new();
        };
        let mut layers: Vec<Name> = Vec::new();
        for name in names {
            match layers.iter().find(|it| it.value == name.value) {
                Some(first) => self.given_twice(&name, first.span),
                None if self.refers(&name, Thing::Layer) => layers.push(name),
                None => {}
            }
        }
        layers
    }

    fn vpc(&mut self, setting: &ast::Setting) -> Option<Name> {
        let argument = self.single(setting, "vpc NAME")?;
        let Some(name) = bare_word(argument) else {
            self.wrong_form(setting, "vpc NAME");
            return None;
        };
        self.refers(&name, Thing::Vpc).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finds;

    #[track_caller]
    fn function(settings: &str, expected: &[&str]) {
        let route = "on http GET \"/\" { auth none }";
        finds(
            &format!("function f {{ handler \"src/a.py:handle\"; {route}; {settings} }}"),
            expected,
        );
    }

    #[test]
    fn settings_are_typed() {
        let all = "disk 1GB; arch arm64; logs keep 7d; trace; tags { team = \"a\"; \"cost-center\" = \"7\" }";
        function(all, &[]);
        function("disk 1s", &["FN0205 at `1s`"]);
        function("disk 0MB", &["FN0221 at `0MB`"]);
        function("arch arm", &["FN0222 at `arm`"]);
        function("arch \"x64\"", &["FN0217 at `\"x64\"`"]);
        function("logs 7d", &["FN0217 at `7d`"]);
        function("logs keep 7", &["FN0205 at `7`"]);
        function("logs keep 0s", &["FN0221 at `0s`"]);
        function("trace true", &["FN0217 at `true`"]);
        function("trace yes", &["FN0217 at `yes`"]);
        function("tags { team = 5 }", &["FN0205 at `5`"]);
        function("tags { team = \"a\"; team = \"b\" }", &["FN0207 at `team`"]);
        function("layers shared", &["FN0202 at `shared`"]);
        function("layers", &["FN0217 at `layers`"]);
        function("vpc main", &["FN0202 at `main`"]);
    }

    #[test]
    fn defaults_take_them_too() {
        let program = r#"defaults { disk 1GB; arch arm64; logs keep 7d; trace; tags { team = "a" }; layers deps; vpc main }
layer deps { folder "deps/" }
vpc main { aws { subnets = ["subnet-1"]; security_groups = ["sg-1"] } }
function f { handler "src/a.py:handle"; on http GET "/" { auth none } }"#;
        finds(program, &[]);
    }
}
