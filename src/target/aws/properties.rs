//! The names of properties that a template may hold, `targets/aws/properties.json`, and what of a hatch doesn't fit
//! them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::diagnostic::closest;
use crate::model::{RawEntry, RawValue};
use crate::source::{Span, Spanned};

static PROPERTIES: LazyLock<Properties> = LazyLock::new(|| {
    let json = include_str!("../../../targets/aws/properties.json");
    serde_json::from_str(json).expect("`properties.json` is checked by a test")
});

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Properties {
    /// What the table is.
    #[expect(dead_code, reason = "for readers of the file")]
    about: Vec<String>,
    /// The documents that say so.
    #[expect(dead_code, reason = "for readers of the file")]
    sources: Vec<String>,
    /// What any resource may say beside its type and its properties.
    pub(super) attributes: Shape,
    /// What a resource in AWS's own words may say.
    pub(super) raw: Shape,
    /// The functions of templates.
    functions: Vec<String>,
    /// The words of the language that say a property, by type and property: keys of `limits.json`.
    pub(super) said: Reasons,
    /// Why the build needs a property as it is, by type and property.
    pub(super) needed: Reasons,
    /// What several types have.
    shapes: BTreeMap<String, Shape>,
    /// The kinds of event of a SAM function.
    pub(super) events: BTreeMap<String, Shape>,
    /// The types of resource that templates hold.
    pub(super) resources: BTreeMap<String, Shape>,
}

/// What there is to say of properties, by type and property.
type Reasons = BTreeMap<String, BTreeMap<String, String>>;

/// What a value may be.
#[derive(Debug, Deserialize)]
#[serde(from = "Value")]
pub(super) enum Shape {
    /// A text, a number or a truth value.
    Plain,
    /// Anything.
    Json,
    /// One of `shapes`.
    Named(String),
    /// A list.
    List(Box<Shape>),
    /// An object: members of these names, and of any name.
    Members(BTreeMap<String, Shape>, Option<Box<Shape>>),
}

impl From<Value> for Shape {
    fn from(value: Value) -> Shape {
        match value {
            Value::String(text) if text.is_empty() => Shape::Plain,
            Value::String(text) => match text.strip_prefix('@') {
                Some(name) => Shape::Named(name.to_owned()),
                None => Shape::Json,
            },
            Value::Array(items) => {
                let item = items.into_iter().next().unwrap_or_default();
                Shape::List(Box::new(Shape::from(item)))
            }
            Value::Object(members) => {
                let mut named = BTreeMap::new();
                let mut any = None;
                for (name, value) in members {
                    match (name.as_str(), value) {
                        ("", Value::String(plain)) => {
                            let plain = plain.split(' ');
                            named.extend(plain.map(|it| (it.to_owned(), Shape::Plain)));
                        }
                        ("*", value) => any = Some(Box::new(Shape::from(value))),
                        (_, value) => {
                            named.insert(name, Shape::from(value));
                        }
                    }
                }
                Shape::Members(named, any)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Shape::Json,
        }
    }
}

/// What of a hatch doesn't fit.
#[derive(Debug)]
pub(super) enum Misfit {
    /// There is no such member.
    Unknown {
        /// Where it would stand: `VpcConfig.SubnetId`; of a function, its name.
        path: String,
        /// Its key.
        key: Span,
        /// The nearest that there is.
        near: Option<String>,
    },
    /// A value is of another kind.
    Kind {
        /// Where it stands.
        path: String,
        /// The value.
        value: Span,
        /// What should stand there.
        wanted: &'static str,
        /// What does.
        given: &'static str,
    },
}

fn given(value: &RawValue) -> &'static str {
    match value {
        RawValue::Null => "`null` deletes a member, and here is none to delete",
        RawValue::Bool(_) => "this is a truth value",
        RawValue::Int(_) | RawValue::Decimal(_) => "this is a number",
        RawValue::Text(_) => "this is a text",
        RawValue::List(_) => "this is a list",
        RawValue::Object(_) => "this is an object",
    }
}

/// Tells whether a value is a call of a template's function, which is one value.
pub(super) fn is_function(value: &Value) -> bool {
    let Some(members) = value.as_object() else {
        return false;
    };
    members.len() == 1 && members.keys().all(|it| is_function_name(it))
}

fn is_function_name(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

impl Properties {
    /// Returns the table.
    pub(super) fn get() -> &'static Properties {
        &PROPERTIES
    }

    /// Finds what of the entries doesn't fit `shape`, which is that of an object.
    pub(super) fn entries<'a>(
        &self,
        shape: &Shape,
        entries: impl Iterator<Item = (&'a String, &'a RawEntry)>,
        path: &str,
        found: &mut Vec<Misfit>,
    ) {
        let (named, any) = match self.resolved(shape) {
            Shape::Members(named, any) => (Some(named), any.as_deref()),
            Shape::Plain | Shape::Json | Shape::Named(_) | Shape::List(_) => (None, None),
        };
        for (name, entry) in entries {
            let inner = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            let member = named.and_then(|it| it.get(name)).or(any);
            match (member, named) {
                // What is deleted must have a place too.
                (Some(_), _) if entry.value == RawValue::Null => {}
                (Some(member), _) => self.value(member, &entry.value, entry.span, &inner, found),
                (None, Some(named)) => found.push(Misfit::Unknown {
                    path: inner,
                    key: entry.key,
                    near: closest(name, named.keys().map(String::as_str)).map(str::to_owned),
                }),
                (None, None) => {
                    if entry.value != RawValue::Null {
                        self.value(&Shape::Json, &entry.value, entry.span, &inner, found);
                    }
                }
            }
        }
    }

    /// Finds what of a value doesn't fit.
    pub(super) fn value(
        &self,
        shape: &Shape,
        value: &RawValue,
        span: Span,
        path: &str,
        found: &mut Vec<Misfit>,
    ) {
        let shape = self.resolved(shape);
        let wrong = |wanted| Misfit::Kind {
            path: path.to_owned(),
            value: span,
            wanted,
            given: given(value),
        };
        match value {
            RawValue::Null => found.push(wrong("a value")),
            RawValue::Object(members) if members.keys().any(|it| is_function_name(it)) => {
                self.function(members.iter(), path, span, found);
            }
            RawValue::Object(members) => match shape {
                Shape::Plain => found.push(wrong("a text, a number or a truth value")),
                Shape::List(_) => found.push(wrong("a list")),
                Shape::Json | Shape::Named(_) | Shape::Members(..) => {
                    self.entries(shape, members.iter(), path, found);
                }
            },
            RawValue::List(items) => match shape {
                Shape::Plain => found.push(wrong("a text, a number or a truth value")),
                Shape::Members(..) => found.push(wrong("an object")),
                Shape::List(item) => self.items(item, items, path, found),
                Shape::Json | Shape::Named(_) => self.items(&Shape::Json, items, path, found),
            },
            RawValue::Bool(_) | RawValue::Int(_) | RawValue::Decimal(_) | RawValue::Text(_) => {
                match shape {
                    Shape::List(_) => found.push(wrong("a list")),
                    Shape::Members(..) => found.push(wrong("an object")),
                    Shape::Plain | Shape::Json | Shape::Named(_) => {}
                }
            }
        }
    }

    fn items(
        &self,
        shape: &Shape,
        items: &[Spanned<RawValue>],
        path: &str,
        found: &mut Vec<Misfit>,
    ) {
        for (at, item) in items.iter().enumerate() {
            self.value(
                shape,
                &item.value,
                item.span,
                &format!("{path}[{at}]"),
                found,
            );
        }
    }

    /// Finds what of a function's call no template takes.
    fn function<'a>(
        &self,
        members: impl ExactSizeIterator<Item = (&'a String, &'a RawEntry)>,
        path: &str,
        span: Span,
        found: &mut Vec<Misfit>,
    ) {
        if members.len() > 1 {
            found.push(Misfit::Kind {
                path: path.to_owned(),
                value: span,
                wanted: "one function of templates, and nothing beside it",
                given: "these are several",
            });
            return;
        }
        for (name, argument) in members {
            if !self.functions.contains(name) {
                let known = self.functions.iter().map(String::as_str);
                found.push(Misfit::Unknown {
                    path: name.clone(),
                    key: argument.key,
                    near: closest(name, known).map(str::to_owned),
                });
            }
            let inner = format!("{path}.{name}");
            self.value(&Shape::Json, &argument.value, argument.span, &inner, found);
        }
    }

    /// Finds what would delete where nothing is merged, and so nothing is to delete.
    pub(super) fn nulls<'a>(
        entries: impl Iterator<Item = (&'a String, &'a RawEntry)>,
        path: &str,
        found: &mut Vec<Misfit>,
    ) {
        for (name, entry) in entries {
            let inner = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            if entry.value == RawValue::Null {
                found.push(Misfit::Kind {
                    path: inner,
                    value: entry.span,
                    wanted: "a value",
                    given: given(&RawValue::Null),
                });
            } else if let Some(members) = entry.members() {
                Properties::nulls(members.iter(), &inner, found);
            }
        }
    }

    /// Tells whether every resource may say this, beside its properties.
    pub(super) fn is_attribute(&self, name: &str) -> bool {
        matches!(&self.attributes, Shape::Members(named, _) if named.contains_key(name))
    }

    fn resolved<'a>(&'a self, shape: &'a Shape) -> &'a Shape {
        match shape {
            Shape::Named(name) => self.shapes.get(name).unwrap_or(&Shape::Json),
            Shape::Plain | Shape::Json | Shape::List(_) | Shape::Members(..) => shape,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(shape: &Shape, found: &mut Vec<String>) {
        match shape {
            Shape::Named(name) => found.push(name.clone()),
            Shape::List(item) => names(item, found),
            Shape::Members(named, any) => {
                for it in named.values().chain(any.as_deref()) {
                    names(it, found);
                }
            }
            Shape::Plain | Shape::Json => {}
        }
    }

    #[test]
    fn every_name_of_a_shape_is_one() {
        let table = Properties::get();
        let mut found = Vec::new();
        let all = table.resources.values().chain(table.events.values());
        all.chain(table.shapes.values())
            .for_each(|it| names(it, &mut found));
        assert!(found.len() > 20);
        for name in found {
            assert!(table.shapes.contains_key(&name), "no shape {name}");
        }
    }
}
