//! Differences between what a build folder holds and what would be written, as unified diffs.

use similar::TextDiff;

/// Returns the unified diff of one file; `None` stands for a file that isn't there.
pub(crate) fn unified(path: &str, old: Option<&[u8]>, new: Option<&[u8]>) -> String {
    let name = |side: &str, contents: Option<&[u8]>| match contents {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let (from, to) = (name("a", old), name("b", new));
    let text = |contents: Option<&[u8]>| {
        std::str::from_utf8(contents.unwrap_or_default()).map(ToOwned::to_owned)
    };
    let (Ok(before), Ok(after)) = (text(old), text(new)) else {
        return format!("Binary files {from} and {to} differ\n");
    };
    let diff = TextDiff::from_lines(&before, &after);
    diff.unified_diff().header(&from, &to).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_changed_and_binary_files() {
        let added = unified("x", None, Some(b"one\n"));
        assert_eq!(added, "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+one\n");
        let changed = unified("x", Some(b"one\n"), Some(b"two\n"));
        assert_eq!(changed, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n");
        let binary = unified("x", Some(b"\xff"), None);
        assert_eq!(binary, "Binary files a/x and /dev/null differ\n");
    }
}
