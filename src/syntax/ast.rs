//! The program as written: every word the user may have got wrong has a span.
//!
//! The tree knows shapes only; which words a block takes is a table in `check/words.rs`.

use compact_str::CompactString;

use crate::source::{SourceId, Span, Spanned};

/// A short text; most have room in place, without an allocation.
pub type Word = CompactString;

/// A word and its place.
pub type Name = Spanned<Word>;

/// One `.fn` file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Which source it was read from.
    pub source: SourceId,
    /// The folder it is in, relative to the program's; what it names is relative to it.
    pub folder: String,
    /// What it declares, in order.
    pub declarations: Vec<Declaration>,
    /// Every `//` comment, in order; documentation comments hang on what they document.
    pub comments: Vec<Span>,
    /// Where something could not be read: what seems to be missing was perhaps only there.
    pub broken: Vec<Span>,
}

/// One declaration, with its documentation comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The lines of the `///` comment before it, without the slashes and one blank.
    pub docs: Vec<Spanned<String>>,
    /// From its first word to its last character.
    pub span: Span,
    /// What it is.
    pub kind: DeclarationKind,
}

/// What a declaration declares.
#[derive(Debug, Clone, PartialEq)]
pub enum DeclarationKind {
    /// `app NAME { … }`
    App(App),
    /// `import "path.fn"`
    Import(Import),
    /// `stage A, B`
    Stages(Stages),
    /// `param NAME TYPE = default`
    Param(Param),
    /// `secret NAME { … }`
    Secret(Secret),
    /// `let NAME = value`
    Constant(Constant),
    /// `defaults { … }`
    Defaults(Defaults),
    /// `queue NAME { … }` and the other resource kinds
    Resource(Resource),
    /// `function NAME { … }`
    Function(Function),
    /// `output NAME = value`
    Output(Output),
    /// `aws { … }`, `azure { … }`, `knative { … }`
    Settings(Settings),
    /// `test "name" { … }`
    Test(Test),
}

/// `app NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its name.
    pub name: Name,
    /// Its settings.
    pub block: Option<Block>,
}

/// `import "path.fn"`
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The path, as a string literal.
    pub path: Text,
}

/// `stage A, B`
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// The stages, in order.
    pub names: Vec<Name>,
}

/// `param NAME TYPE = default`
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type as written.
    pub kind: ParamKind,
    /// Its default.
    pub default: Option<Expr>,
}

/// The type of a param, as written.
#[derive(Debug, Clone, PartialEq)]
pub enum ParamKind {
    /// `string`, `int`, …: any word; the checker knows which exist.
    Word(Name),
    /// `one of "a", "b"`
    OneOf(Vec<Text>),
}

/// `secret NAME when … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// Its name.
    pub name: Name,
    /// Present only when this is true.
    pub when: Option<Expr>,
    /// Its names in the stores.
    pub block: Option<Block>,
}

/// `let NAME = value`
#[derive(Debug, Clone, PartialEq)]
pub struct Constant {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
}

/// `defaults { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Defaults {
    /// The word `defaults`.
    pub keyword: Span,
    /// The settings.
    pub block: Block,
}

/// `external? queue NAME when … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The word `external`, where written.
    pub external: Option<Span>,
    /// `queue`, `topic`, `stream`, `bucket`, `table` or `bus`.
    pub kind: Name,
    /// Its name.
    pub name: Name,
    /// Present only when this is true.
    pub when: Option<Expr>,
    /// Its settings.
    pub block: Option<Block>,
}

/// `function NAME when … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Present only when this is true.
    pub when: Option<Expr>,
    /// Its statements.
    pub block: Block,
}

/// `output NAME = value when …`
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expr,
    /// Present only when this is true.
    pub when: Option<Expr>,
}

/// `aws { … }` at top level
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `aws`, `azure` or `knative`.
    pub target: Name,
    /// Present only when this is true.
    pub when: Option<Expr>,
    /// Its settings.
    pub block: Block,
}

/// `test "name" { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Its title.
    pub title: Text,
    /// Its steps.
    pub block: Block,
}

/// `{ … }` after a declaration, a setting or a trigger
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// From `{` to `}`.
    pub span: Span,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// One statement of a block, with its documentation comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The lines of the `///` comment before it.
    pub docs: Vec<Spanned<String>>,
    /// From its first word to its last character.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `KEY = value`
    Entry(Entry),
    /// `on …`; boxed, because it is long and most statements are settings
    Trigger(Box<Trigger>),
    /// `word argument, argument { … }`
    Setting(Setting),
    /// Text that could not be read; already reported, so later phases stay silent about it.
    Broken,
}

/// `KEY = value`
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key: a word, or the value of a plain string.
    pub key: Name,
    /// Its value; an object is allowed here.
    pub value: Expr,
}

/// `on argument… where … when … { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// The word `on`.
    pub keyword: Span,
    /// The words and values after it.
    pub arguments: Vec<Argument>,
    /// The filter.
    pub filter: Option<Expr>,
    /// Present only when this is true.
    pub when: Option<Expr>,
    /// Its settings.
    pub block: Option<Block>,
}

/// `word argument, argument { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its word.
    pub word: Name,
    /// What follows.
    pub arguments: Vec<Argument>,
    /// Its settings.
    pub block: Option<Block>,
}

/// One operand or range of a setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// All of it.
    pub span: Span,
    /// Whether a `,` stands before it.
    pub after_comma: bool,
    /// The operand, or the start of the range.
    pub value: Expr,
    /// For a range what comes after the `..`: `None` is no range, `Some(None)` is `0..`.
    pub range: Option<Option<Box<Expr>>>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `12`, `1.5`, `10s`, `256MB`, `200/s`, `70%`: the literal's text; `check/units.rs` reads it.
    Number(Word),
    /// `"…"`
    Text(Text),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ key = value }`; only after `=` or in a list
    Object(Vec<Entry>),
    /// `( … )`
    Group(Box<Expr>),
    /// `exists(x)`
    Call(Box<Call>),
    /// `name`, `secret.x`, `data["a-b"]`
    Path(Path),
    /// `not x`, `-x`
    Unary(Unary),
    /// `a + b`
    Binary(Binary),
    /// `if c then a else b`
    If(If),
    /// `by stage { dev = a; else = b }`
    ByStage(Box<ByStage>),
}

/// `by stage { dev = a; else = b }`
#[derive(Debug, Clone, PartialEq)]
pub struct ByStage {
    /// From its `{` to its `}`.
    pub braces: Span,
    /// The values, by stage; `else` is any other stage.
    pub values: Vec<Entry>,
}

/// `"…"` with its interpolations
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// From quote to quote.
    pub span: Span,
    /// Its parts; neighbouring plain parts are joined.
    pub parts: Vec<TextPart>,
}

impl Text {
    /// Returns the text when nothing is interpolated.
    pub fn plain(&self) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                TextPart::Plain(it) => text.push_str(it),
                TextPart::Value(_) => return None,
            }
        }
        Some(text)
    }
}

/// A part of a string.
#[derive(Debug, Clone, PartialEq)]
pub enum TextPart {
    /// Characters, escapes resolved.
    Plain(Word),
    /// `${ … }`
    Value(Expr),
}

/// `name(argument, …)`
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function's name.
    pub name: Name,
    /// Its arguments.
    pub arguments: Vec<Expr>,
}

/// `word.part["part"]…`
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Its segments, of which the first is a word; none: the value could not be read, which is already reported.
    pub segments: Vec<Segment>,
}

impl Path {
    /// Returns the word when the path is only one.
    pub fn word(&self) -> Option<&Name> {
        match self.segments.as_slice() {
            [only] => Some(&only.name),
            _ => None,
        }
    }
}

/// One segment of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its text, without dot, brackets and quotes.
    pub name: Name,
    /// Whether it was written `["…"]`.
    pub quoted: bool,
}

/// `not x` or `-x`
#[derive(Debug, Clone, PartialEq)]
pub struct Unary {
    /// Which.
    pub operator: Spanned<UnaryOperator>,
    /// What it applies to.
    pub operand: Box<Expr>,
}

/// An operator before one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `not`
    Not,
    /// `-`
    Minus,
}

/// `a + b`
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// Which.
    pub operator: Spanned<BinaryOperator>,
    /// The left operand.
    pub left: Box<Expr>,
    /// The right operand.
    pub right: Box<Expr>,
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Divide,
}

impl BinaryOperator {
    /// Returns the operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOperator::Or => "or",
            BinaryOperator::And => "and",
            BinaryOperator::Equal => "==",
            BinaryOperator::NotEqual => "!=",
            BinaryOperator::Less => "<",
            BinaryOperator::LessOrEqual => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterOrEqual => ">=",
            BinaryOperator::In => "in",
            BinaryOperator::Plus => "+",
            BinaryOperator::Minus => "-",
            BinaryOperator::Times => "*",
            BinaryOperator::Divide => "/",
        }
    }
}

/// `if c then a else b`
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    /// The condition.
    pub condition: Box<Expr>,
    /// Its value when true.
    pub then: Box<Expr>,
    /// Its value when false.
    pub otherwise: Box<Expr>,
}
