//! `output NAME = expr`: what is shown after deployment.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value of any other type is the same mistake"
)]

use super::Checker;
use super::value::{Kind, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{EnvPart, Output};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    /// Reads an output; `None` when it is absent in this stage or has no value.
    pub(super) fn lower_output(
        &mut self,
        output: &ast::Output,
        doc: Option<String>,
        span: Span,
    ) -> Option<Output> {
        let present = output.when.as_ref().is_none_or(|it| self.holds(it));
        // What an absent output speaks of may be absent too.
        if !present {
            return None;
        }
        let place = output.value.span;
        let value = match self.eval(&output.value) {
            Value::Error => return None,
            Value::Secret(_) => {
                self.secret_misplaced(place);
                return None;
            }
            Value::Deployed(parts) => parts,
            value => match value.text() {
                Some(text) => vec![EnvPart::Plain(text)],
                None => {
                    let kind = value.kind().map_or("nothing", Kind::title);
                    self.report(
                        Diagnostic::new(Code::FN0205, format!("an output can't be {kind}"))
                            .label(place, format!("this is {kind}"))
                            .help("it is text, a number or an attribute; join several in one text: \"${…} ${…}\""),
                    );
                    return None;
                }
            },
        };
        Some(Output {
            name: output.name.to_name(),
            doc,
            span,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finds;

    #[track_caller]
    fn outputs(text: &str, expected: &[&str]) {
        let program = "stage dev, prod\nsecret key\nfunction f { handler \"src/a.py:handle\"; on http GET \"/\" { auth none }; env { KEY = secret.key; STAGE = stage } }";
        finds(&format!("{program}\n{text}"), expected);
    }

    #[test]
    fn outputs_are_text() {
        outputs("output url = function.f.url", &[]);
        outputs(
            "output page = \"${function.f.url}/index.html\"\noutput size = 5MB",
            &[],
        );
        outputs("output url = function.g.url", &["FN0202 at `g`"]);
        outputs("output all = [1, 2]", &["FN0205 at `[1, 2]`"]);
        outputs("output k = secret.key", &["FN0219 at `secret.key`"]);
        outputs("output a = 1\noutput a = 2", &["FN0201 at `a`"]);
        outputs("output Url = 1", &["FN0206 at `Url`"]);
        outputs("output a = function.g.url when stage == \"prod\"", &[]);
        outputs("output a = 1 when 5", &["FN0205 at `5`"]);
    }

    #[test]
    fn what_an_output_speaks_of_is_used() {
        finds(
            "let page = \"/x\"\nfunction f { handler \"src/a.py:handle\"; on http GET \"/x\" { auth none } }\noutput url = \"${function.f.url}${page}\"",
            &[],
        );
    }
}
