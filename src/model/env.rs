//! Environment variables of a function.

use super::{Name, Thing};

/// `NAME = value`
#[derive(Debug, Clone, PartialEq)]
pub struct EnvVar {
    /// The variable's name.
    pub name: Name,
    /// Its value.
    pub value: EnvValue,
}

/// What a variable holds.
#[derive(Debug, Clone, PartialEq)]
pub enum EnvValue {
    /// Text, in parts; a part may be known only when deployed.
    Text(Vec<EnvPart>),
    /// A secret, by name.
    Secret(Name),
}

impl EnvValue {
    /// Returns the text when all of it is known at compile time.
    pub fn plain(&self) -> Option<String> {
        let EnvValue::Text(parts) = self else {
            return None;
        };
        let plain = |part: &EnvPart| match part {
            EnvPart::Plain(it) => Some(it.clone()),
            EnvPart::Attribute(_) => None,
        };
        parts.iter().map(plain).collect()
    }
}

/// A part of a variable's text.
#[derive(Debug, Clone, PartialEq)]
pub enum EnvPart {
    /// Known at compile time.
    Plain(String),
    /// Known when deployed.
    Attribute(Attribute),
}

/// `queue.orders.url`: something of a resource that is known when deployed.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Whose, and which: all of it as written.
    pub resource: Name,
    /// What the resource is.
    pub of: Thing,
    /// Which attribute.
    pub field: Field,
}

/// The attributes there are; not everything has each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `.name`: its physical name
    Name,
    /// `.url`: where it is reached; a function's, where its http routes answer
    Url,
    /// `.arn`: AWS's name for it
    Arn,
}

impl Field {
    /// Returns the word that names it in programs.
    pub fn word(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Url => "url",
            Field::Arn => "arn",
        }
    }
}
