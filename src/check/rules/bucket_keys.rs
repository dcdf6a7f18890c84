//! FN0421, FN0422: prefixes and suffixes of bucket triggers.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{BucketTrigger, Function, Setting, TriggerKind};

/// Reports wildcards, which are characters like any other, and two triggers that one object fires.
pub(super) fn check(function: &Function, found: &mut Diagnostics) {
    let mut seen: Vec<&BucketTrigger> = Vec::new();
    for trigger in &function.triggers {
        let TriggerKind::Bucket(it) = &trigger.kind else {
            continue;
        };
        for (word, part) in [("prefix", &it.prefix), ("suffix", &it.suffix)] {
            wildcard(word, part, found);
        }
        let same = |other: &&&BucketTrigger| {
            (&other.prefix.value, &other.suffix.value) == (&it.prefix.value, &it.suffix.value)
        };
        // The very same trigger is FN0411.
        let overlap = seen.iter().find(|other| other.overlaps(it) && !same(other));
        if let Some(first) = overlap {
            let message = format!(
                "one object of `{}` can start `{}` twice",
                it.bucket.value, function.name.value
            );
            found.push(
                Diagnostic::new(Code::FN0422, message)
                    .label(it.bucket.span, "for keys that the other takes too")
                    .label(first.bucket.span, "first declared here")
                    .help("choose prefixes or suffixes that exclude one another"),
            );
        }
        seen.push(it);
    }
}

fn wildcard(word: &str, part: &Setting<String>, found: &mut Diagnostics) {
    let Some(span) = part.span().filter(|_| part.value.contains('*')) else {
        return;
    };
    let plain = part.value.replace('*', "");
    found.push(
        Diagnostic::new(
            Code::FN0421,
            format!(
                "the {word} \"{}\" holds a `*`, which stands for itself",
                part.value
            ),
        )
        .label(span, "compared character by character")
        .help(match plain.as_str() {
            "" => format!("leave `{word}` out: any key fits then"),
            plain => format!("write `{word} \"{plain}\"`"),
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[track_caller]
    fn triggers(first: &str, second: &str, expected: &str) {
        let source = format!(
            r#"
queue failed {{ keep 14d }}
bucket files
function f {{
  handler "src/f.py:handle"
  on bucket files created {first}
  on bucket files created {second}
  retry 2 then failed
}}"#
        );
        finds(&source, expected);
    }

    #[test]
    fn an_object_starts_a_function_once() {
        triggers("{ prefix \"in/\" }", "{ prefix \"out/\" }", "");
        triggers("{ suffix \".png\" }", "{ suffix \".jpg\" }", "");
        triggers(
            "{ prefix \"in/\" }",
            "{ prefix \"in/a/\" }",
            "FN0422 at `files`",
        );
        triggers(
            "{ prefix \"in/\" }",
            "{ suffix \".png\" }",
            "FN0422 at `files`",
        );
        triggers(
            "{ prefix \"in/\" }",
            "{ prefix \"in/\" }",
            "FN0411 at `on bucket files created { prefix \"in/\" }`",
        );
    }

    #[test]
    fn a_wildcard_is_a_character() {
        triggers(
            "{ suffix \"*.png\" }",
            "{ suffix \".jpg\" }",
            "FN0421 at `\"*.png\"`",
        );
    }
}
