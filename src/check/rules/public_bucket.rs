//! FN0720: a bucket that anybody may read.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::Bucket;

/// Reports `public_read`, which is seldom meant, and found by those who look for it.
pub(super) fn check(bucket: &Bucket, found: &mut Diagnostics) {
    let Some(span) = bucket
        .public_read
        .span()
        .filter(|_| bucket.public_read.value)
    else {
        return;
    };
    let name = &bucket.name.value;
    found.push(
        Diagnostic::new(Code::FN0720, format!("anybody may read all of `{name}`"))
            .label(span, "without a key, from anywhere")
            .help("let a function hand out what is asked for, or keep nothing in it that isn't for everybody"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn a_public_bucket_is_said_aloud() {
        let program = |block: &str| {
            format!(
                r#"
bucket files {block}
function f {{ handler "src/f.py:handle"; on http GET "/" {{ auth none }}; can read, files }}"#
            )
            .replace("read, files", "read files")
        };
        finds(&program("{ public_read }"), "FN0720 at `public_read`");
        finds(&program("{ versioned }"), "");
    }
}
