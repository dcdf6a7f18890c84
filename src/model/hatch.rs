//! Hatches: what the language doesn't say, in a target's own words.

use indexmap::IndexMap;

use super::{EnvPart, Name, Target};
use crate::source::{Span, Spanned};

/// `aws { Tracing = "Active" }` in a function, resource or trigger: merged into what it becomes, after all else.
#[derive(Debug, Clone, PartialEq)]
pub struct Hatch {
    /// The target; the others leave it out.
    pub target: Target,
    /// What is merged in.
    pub body: RawBody,
}

/// `aws { resource Alarm { Type = "…" } }`: a resource of one target, in its own words.
#[derive(Debug, Clone, PartialEq)]
pub struct RawResource {
    /// The target; the others leave it out.
    pub target: Target,
    /// Its name in the manifest.
    pub name: Name,
    /// What its manifest says.
    pub body: RawBody,
}

/// `aws { allow "ses:SendEmail" on "*" }` in a function: a permission of one target.
#[derive(Debug, Clone, PartialEq)]
pub struct RawAllow {
    /// The target; the others leave it out.
    pub target: Target,
    /// What is allowed, in the target's words.
    pub actions: Vec<Spanned<String>>,
    /// On what, in the target's words.
    pub on: Vec<Spanned<RawValue>>,
}

/// The entries of a hatch.
#[derive(Debug, Clone, PartialEq)]
pub struct RawBody {
    /// All of it.
    pub span: Span,
    /// Its entries, in the order written.
    pub entries: IndexMap<String, RawEntry>,
}

/// A key of a hatch and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct RawEntry {
    /// The key.
    pub key: Span,
    /// The value.
    pub span: Span,
    /// What it says.
    pub value: RawValue,
}

impl RawValue {
    /// Returns the text that it is, where all of it is known before the deployment.
    pub fn plain(&self) -> Option<String> {
        let RawValue::Text(parts) = self else {
            return None;
        };
        let plain = parts.iter().map(|it| match it {
            EnvPart::Plain(text) => Some(text.as_str()),
            EnvPart::Attribute(_) => None,
        });
        plain.collect()
    }
}

impl RawEntry {
    /// Returns the members of the object that it is.
    pub fn members(&self) -> Option<&IndexMap<String, RawEntry>> {
        if let RawValue::Object(members) = &self.value {
            Some(members)
        } else {
            None
        }
    }
}

/// A value of a hatch; text may hold what is known only when deployed.
#[derive(Debug, Clone, PartialEq)]
pub enum RawValue {
    /// `null`: deletes what would stand there.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Text, in parts.
    Text(Vec<EnvPart>),
    /// A list.
    List(Vec<Spanned<RawValue>>),
    /// An object.
    Object(IndexMap<String, RawEntry>),
}
