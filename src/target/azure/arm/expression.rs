//! Text of an ARM template: plain, or an expression in `[ ]` (Azure Resource Manager templates, "Syntax and
//! expressions").

/// A value that stands for text, known now or when the template is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::target::azure) enum Text {
    /// Known now.
    Plain(String),
    /// An expression, without its brackets.
    Expression(String),
}

impl Text {
    /// Returns the text when it is known now.
    pub(in crate::target::azure) fn plain(&self) -> Option<&str> {
        match self {
            Text::Plain(it) => Some(it),
            Text::Expression(_) => None,
        }
    }

    /// Returns the text as the template writes it.
    pub(in crate::target::azure) fn written(&self) -> String {
        match self {
            // Only a text in both brackets would be read as an expression.
            Text::Plain(it) if it.starts_with('[') && it.ends_with(']') => format!("[{it}"),
            Text::Plain(it) => it.clone(),
            Text::Expression(it) => format!("[{it}]"),
        }
    }

    /// Returns several texts as one.
    pub(in crate::target::azure) fn joined(parts: Vec<Text>) -> Text {
        if parts.iter().all(|it| it.plain().is_some()) {
            return Text::Plain(parts.iter().filter_map(Text::plain).collect());
        }
        match <[Text; 1]>::try_from(parts) {
            Ok([only]) => only,
            Err(parts) => call("concat", parts),
        }
    }

    /// Returns the text as an argument of a function.
    pub(in crate::target::azure) fn argument(&self) -> String {
        match self {
            Text::Plain(it) => format!("'{}'", it.replace('\'', "''")),
            Text::Expression(it) => it.clone(),
        }
    }
}

/// Returns a text that is known now.
pub(in crate::target::azure) fn literal(text: &str) -> Text {
    Text::Plain(text.to_owned())
}

/// Returns a call of a template function.
pub(in crate::target::azure) fn call(
    function: &str,
    arguments: impl IntoIterator<Item = Text>,
) -> Text {
    let arguments: Vec<_> = arguments.into_iter().map(|it| it.argument()).collect();
    Text::Expression(format!("{function}({})", arguments.join(", ")))
}

/// Returns a member of what an expression gives.
pub(in crate::target::azure) fn property(of: &Text, name: &str) -> Text {
    Text::Expression(format!("{}.{name}", of.argument()))
}

/// Returns one name of a function app's resources.
pub(in crate::target::azure) fn variable(function_app: &str, name: &str) -> Text {
    property(&call("variables", [literal(function_app)]), name)
}

/// Returns the id of a resource of this deployment.
pub(in crate::target::azure) fn resource_id(
    kind: &str,
    names: impl IntoIterator<Item = Text>,
) -> Text {
    call("resourceId", std::iter::once(literal(kind)).chain(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_quotes() {
        assert_eq!(literal("[x]").written(), "[[x]");
        assert_eq!(literal("[x] y").written(), "[x] y");
        assert_eq!(
            call("concat", [literal("it's"), literal("[")]).written(),
            "[concat('it''s', '[')]"
        );
        let parts = vec![literal("a"), call("f", [])];
        assert_eq!(Text::joined(parts).written(), "[concat('a', f())]");
        assert_eq!(
            Text::joined(vec![literal("a"), literal("b")]),
            literal("ab")
        );
    }
}
