//! FN0601: fewer instances at most than at least.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Scale;

/// Compares MIN and MAX.
pub(super) fn check(scale: &Scale, found: &mut Diagnostics) {
    let (min, Some(max)) = (scale.min.value, scale.max.value) else {
        return;
    };
    // No instance at all is FN0605.
    if max >= min || max == 0 {
        return;
    }
    let Some((least, most)) = scale.min.span().zip(scale.max.span()) else {
        return;
    };
    found.push(
        Diagnostic::new(
            Code::FN0601,
            format!("`scale {min}..{max}` allows fewer instances than it keeps ready"),
        )
        .label(most, "never more than this")
        .label(least, "kept ready")
        .help(format!("the least stands first: `scale {max}..{min}`")),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    fn program(scale: &str) -> String {
        format!(r#"function a {{ handler "src/a.py:handle"; {scale} }}"#)
    }

    #[test]
    fn the_least_is_not_more_than_the_most() {
        finds(&program("scale 10..5"), "FN0601 at `5`");
        finds(&program("scale 5..5"), "");
        finds(&program("scale 5.."), "");
    }

    #[test]
    fn defaults_are_reported_once() {
        let source = r#"
defaults { scale 2..1 }
function a { handler "src/a.py:handle" }
function b { handler "src/b.py:handle" }"#;
        finds(source, "FN0601 at `1`");
    }
}
