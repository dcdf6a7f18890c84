//! Streams, buckets, tables and buses.

use std::time::Duration;

use super::Checker;
use super::arguments::{arguments_span, bare_word};
use super::words::Context;
use crate::model::{
    Bucket, Bus, FieldKind, Name, Setting, Stream, Table, TableField, TableIndex, TableKey,
};
use crate::source::Span;
use crate::syntax::ast::{self, Argument};

/// Into how many parts a stream is divided where nothing is said.
const SHARDS: u32 = 1;
/// How long a stream keeps a record where nothing is said.
const KEEP: Duration = Duration::from_hours(24);
const KEY_FORM: &str = "key NAME string|int, sort NAME string|int";

impl Checker<'_> {
    pub(super) fn lower_stream(
        &mut self,
        stream: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Stream {
        let settings = self.resource_settings(stream, Context::Stream);
        let shards = settings
            .get("shards")
            .and_then(|it| self.count_setting(it, 1));
        let keep = settings
            .get("keep")
            .and_then(|it| self.positive_duration(it));
        Stream {
            name: stream.name.to_name(),
            doc,
            span,
            shards: shards.unwrap_or(Setting::language(SHARDS)),
            keep: keep.unwrap_or(Setting::language(KEEP)),
            place: self.place(stream, &settings),
        }
    }

    pub(super) fn lower_bucket(
        &mut self,
        bucket: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Bucket {
        let settings = self.resource_settings(bucket, Context::Bucket);
        let versioned = settings.get("versioned").map(|it| self.flag(it));
        let public_read = settings.get("public_read").map(|it| self.flag(it));
        Bucket {
            name: bucket.name.to_name(),
            doc,
            span,
            versioned: versioned.unwrap_or(Setting::language(false)),
            expire: settings
                .get("expire")
                .and_then(|it| self.positive_duration(it)),
            public_read: public_read.unwrap_or(Setting::language(false)),
            place: self.place(bucket, &settings),
        }
    }

    pub(super) fn lower_table(
        &mut self,
        table: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Table {
        let settings = self.resource_settings(table, Context::Table);
        let key = settings.get("key").and_then(|it| self.table_key(it));
        if settings.get("key").is_none() && table.external.is_none() {
            self.form("table", table.name.span, "table NAME { key NAME string }");
        }
        let mut indexes: Vec<TableIndex> = Vec::new();
        for setting in settings.all("index") {
            let Some(index) = self.table_index(setting) else {
                continue;
            };
            match indexes.iter().find(|it| it.name.value == index.name.value) {
                Some(first) => self.given_twice(&index.name, first.name.span),
                None => indexes.push(index),
            }
        }
        let ttl = settings.get("ttl").and_then(|it| {
            let argument = self.single(it, "ttl FIELD")?;
            let field = bare_word(argument);
            if field.is_none() {
                self.wrong_form(it, "ttl FIELD");
            }
            field
        });
        Table {
            name: table.name.to_name(),
            doc,
            span,
            key,
            indexes,
            ttl,
            place: self.place(table, &settings),
        }
    }

    pub(super) fn lower_bus(
        &mut self,
        bus: &ast::Resource,
        doc: Option<String>,
        span: Span,
    ) -> Bus {
        let settings = self.resource_settings(bus, Context::Bus);
        Bus {
            name: bus.name.to_name(),
            doc,
            span,
            place: self.place(bus, &settings),
        }
    }

    fn table_index(&mut self, setting: &ast::Setting) -> Option<TableIndex> {
        let form = "index NAME { key NAME string }";
        let name = match setting.arguments.as_slice() {
            [name] if setting.block.is_some() => bare_word(name),
            _ => None,
        };
        let Some(name) = name else {
            self.wrong_form(setting, form);
            return None;
        };
        let settings = self.settings(setting.block.as_ref(), Context::Index);
        let Some(key) = settings.get("key") else {
            self.wrong_form(setting, form);
            return None;
        };
        let key = self.table_key(key)?;
        Some(TableIndex { name, key })
    }

    /// Reads `key NAME TYPE` and `key NAME TYPE, sort NAME TYPE`.
    fn table_key(&mut self, setting: &ast::Setting) -> Option<TableKey> {
        let words: Option<Vec<Name>> = setting.arguments.iter().map(bare_word).collect();
        let words = words.filter(|_| setting.block.is_none());
        let commas: Vec<bool> = setting.arguments.iter().map(|it| it.after_comma).collect();
        match (words.as_deref(), commas.as_slice()) {
            (Some([name, kind]), [false, false]) => Some(TableKey {
                partition: self.field(name, kind)?,
                sort: None,
            }),
            (Some([name, kind, sort, by, by_kind]), [false, false, true, false, false])
                if sort.value == "sort" =>
            {
                Some(TableKey {
                    partition: self.field(name, kind)?,
                    sort: Some(self.field(by, by_kind)?),
                })
            }
            _ => {
                self.wrong_form(setting, KEY_FORM);
                None
            }
        }
    }

    fn field(&mut self, name: &Name, kind: &Name) -> Option<TableField> {
        let kinds = [("string", FieldKind::String), ("int", FieldKind::Int)];
        let kind = self.one_of(kind, "type of a key", &kinds)?;
        Some(TableField {
            name: name.clone(),
            kind,
        })
    }

    /// Returns the whole number of a setting that takes one, from `least` up.
    pub(super) fn count_setting(
        &mut self,
        setting: &ast::Setting,
        least: u32,
    ) -> Option<Setting<u32>> {
        let word = setting.word.as_str();
        let argument: &Argument = self.single(setting, &format!("{word} N"))?;
        let count = self.count(&argument.value, &format!("`{word}`"), least)?;
        Some(Setting::written(count, arguments_span(setting)))
    }
}
