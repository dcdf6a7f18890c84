//! Reads a block against the table of words: unknown, repeated and misplaced statements are reported here, once.

use super::Checker;
use super::words::{Context, Word};
use crate::diagnostic::{Code, Diagnostic, closest};
use crate::source::{Span, Spanned, Text};
use crate::syntax::ast::{self, StatementKind};

/// The statements of a block that the table knows.
#[derive(Debug, Default)]
pub(super) struct Settings<'s> {
    known: Vec<(&'static Word, &'s ast::Setting)>,
    /// Triggers, in a function.
    pub(super) triggers: Vec<(&'s ast::Statement, &'s ast::Trigger)>,
}

impl<'s> Settings<'s> {
    /// Returns the target blocks alone; all else of the block is read elsewhere.
    pub(super) fn hatches(block: Option<&'s ast::Block>, context: Context) -> Self {
        let mut settings = Settings::default();
        for statement in block.iter().flat_map(|it| &it.statements) {
            if let StatementKind::Setting(setting) = &statement.kind
                && let Some(word) = context.hatch(setting.word.as_str())
            {
                settings.known.push((word, setting));
            }
        }
        settings
    }

    /// Returns the setting with this word; the first, where it stands twice.
    pub(super) fn get(&self, word: &str) -> Option<&'s ast::Setting> {
        self.all(word).next()
    }

    /// Returns all settings with this word.
    pub(super) fn all(&self, word: &str) -> impl Iterator<Item = &'s ast::Setting> {
        let matching = self.known.iter().filter(move |(it, _)| it.name == word);
        matching.map(|(_, setting)| *setting)
    }
}

impl Checker<'_> {
    /// Sorts a block's statements; no block reads as an empty one.
    pub(super) fn settings<'s>(
        &mut self,
        block: Option<&'s ast::Block>,
        context: Context,
    ) -> Settings<'s> {
        let mut settings = Settings::default();
        for statement in block.iter().flat_map(|it| &it.statements) {
            match &statement.kind {
                StatementKind::Setting(setting) => {
                    if let Some(word) = self.known_word(setting, context) {
                        if let Some(first) = settings.get(word.name).filter(|_| !word.repeats) {
                            self.given_twice(&setting.word, first.word.span);
                            continue;
                        }
                        settings.known.push((word, setting));
                    }
                }
                StatementKind::Trigger(trigger) if context == Context::Function => {
                    settings.triggers.push((statement, trigger));
                }
                StatementKind::Trigger(trigger) => self.misplaced(
                    trigger.keyword,
                    format!("a trigger can't stand in {}", context.title()),
                    "triggers stand in a function: `on queue orders`",
                ),
                StatementKind::Entry(_) if context.holds_entries() => {}
                StatementKind::Entry(entry) => self.misplaced_entry(entry, context),
                StatementKind::Broken => {}
            }
        }
        settings
    }

    fn known_word(&mut self, setting: &ast::Setting, context: Context) -> Option<&'static Word> {
        let name = setting.word.as_str();
        let words = context.words();
        if let Some(word) = words.iter().find(|it| it.name == name && name != "on") {
            return Some(word);
        }
        if let Some(word) = context.hatch(name) {
            return Some(word);
        }
        self.unknown_word(&setting.word, context);
        None
    }

    /// Reports a word that a block doesn't take, with the nearest one that it does.
    pub(super) fn unknown_word(&mut self, word: &ast::Name, context: Context) {
        let (name, words) = (word.as_str(), context.words());
        let names: Vec<_> = words.iter().map(|it| it.name).collect();
        let help = match closest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!("{} takes no settings", context.title()),
            None => format!("{} takes {}", context.title(), names.join(", ")),
        };
        self.report(
            Diagnostic::new(
                Code::FN0203,
                format!("{} has no setting `{name}`", context.title()),
            )
            .label(word.span, "unknown here")
            .help(help),
        );
    }

    pub(super) fn given_twice(&mut self, word: &Spanned<impl Text>, first: Span) {
        self.report(
            Diagnostic::new(Code::FN0207, format!("`{}` is given twice", word.value))
                .label(word.span, "given again here")
                .label(first, "first given here")
                .help("remove one of the two"),
        );
    }

    pub(super) fn misplaced(&mut self, span: Span, message: String, help: &str) {
        self.report(
            Diagnostic::new(Code::FN0220, message)
                .label(span, "not here")
                .help(help),
        );
    }

    fn misplaced_entry(&mut self, entry: &ast::Entry, context: Context) {
        let key = entry.key.as_str();
        let message = format!("`{key} = …` can't stand in {}", context.title());
        let word = context.words().iter().find(|it| it.name == key);
        let help = match word {
            Some(word) => format!("a setting is written without `=`: `{}`", word.form),
            None if matches!(context, Context::Function | Context::Defaults) => {
                format!("variables stand in `env {{ {key} = … }}`")
            }
            None => "settings are written without `=`".to_owned(),
        };
        self.misplaced(entry.key.span, message, &help);
    }

    /// Reads a block of `KEY = value` entries: `env` and `input`.
    pub(super) fn entries<'s>(&mut self, setting: &'s ast::Setting) -> Vec<&'s ast::Entry> {
        let word = setting.word.as_str();
        let Some(block) = setting
            .block
            .as_ref()
            .filter(|_| setting.arguments.is_empty())
        else {
            self.wrong_form(setting, &format!("{word} {{ NAME = value }}"));
            return Vec::new();
        };
        let mut entries: Vec<&ast::Entry> = Vec::new();
        for statement in &block.statements {
            let place = match &statement.kind {
                StatementKind::Entry(entry) => {
                    match entries.iter().find(|it| it.key.value == entry.key.value) {
                        Some(first) => self.given_twice(&entry.key, first.key.span),
                        None => entries.push(entry),
                    }
                    continue;
                }
                StatementKind::Setting(setting) => setting.word.span,
                StatementKind::Trigger(trigger) => trigger.keyword,
                StatementKind::Broken => continue,
            };
            let message = format!("`{word}` holds only `NAME = value`");
            self.misplaced(place, message, "write `NAME = value`, one a line");
        }
        entries
    }
}
