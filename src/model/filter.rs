//! `where`: which records a trigger takes.

use crate::source::Span;

/// `where EXPR`, with what is known at compile time worked out.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The predicate as written.
    pub span: Span,
    /// What a record must satisfy.
    pub predicate: Predicate,
}

/// A predicate over a record's members. A missing member, or one of another JSON type, makes a comparison false.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// All of them; none: true.
    All(Vec<Predicate>),
    /// Any of them; none: false.
    Any(Vec<Predicate>),
    /// The opposite.
    Not(Box<Predicate>),
    /// `member OP literal`; the member always stands left.
    Compare(Member, Comparison, Literal),
    /// `exists(member)`: there, and not `null`.
    Exists(Member),
    /// `starts_with(member, "…")`
    StartsWith(Member, String),
}

/// A member of a record: `data.total`, `attributes.kind`, `type`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The names on the way, the record's own member first.
    pub path: Vec<String>,
    /// Where it is written.
    pub span: Span,
}

/// How a member is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    /// `==`; `in [a, b]` is any of several
    Equal,
    /// `!=`; true only where the member is there and of the same JSON type
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Returns it as programs write it.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }

    /// Returns what it is with its sides exchanged: `a < b` is `b > a`.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Comparison::Equal | Comparison::NotEqual => self,
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        }
    }
}

/// What a member is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text, compared by its characters.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// A truth value; only `==` and `!=`.
    Bool(bool),
}
