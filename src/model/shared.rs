//! What functions share: layers of code, private networks; and the values that the program shows when deployed.

use std::collections::BTreeMap;

use super::{EnvPart, Hatch, Name, Target};
use crate::source::{Span, Spanned};

/// `layer NAME { folder "…" }`: code that functions share.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// The folder that is packed, relative to the program's; `None`: it exists already, at `addresses`.
    pub folder: Option<Spanned<String>>,
    /// Where a target finds an existing one, by the words of that target's block.
    pub addresses: BTreeMap<Target, BTreeMap<String, Spanned<String>>>,
    /// What each target's manifest holds beyond the language.
    pub hatches: Vec<Hatch>,
}

/// `vpc NAME { aws { … } azure { … } }`: a private network that exists already.
#[derive(Debug, Clone, PartialEq)]
pub struct Vpc {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Each target's subnets, security groups and the like, by the words of that target's block.
    pub addresses: BTreeMap<Target, BTreeMap<String, Vec<Spanned<String>>>>,
}

/// `output NAME = expr`: shown after deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// Its documentation comment.
    pub doc: Option<String>,
    /// Its declaration.
    pub span: Span,
    /// Its value, in parts.
    pub value: Vec<EnvPart>,
}
