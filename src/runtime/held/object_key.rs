//! The keys of objects.

use std::fmt::Write as _;

use crate::runtime::host::Refused;

/// So many bytes a key has at most: Amazon S3 User Guide, "Naming Amazon S3 objects"; and so do Azure's blobs have
/// characters.
const LONGEST_KEY: usize = 1024;

/// Refuses a key that leads out of a folder somewhere, or that a cloud refuses.
pub(super) fn check_key(bucket: &str, key: &str) -> Result<(), Refused> {
    let mut segments = key.split(['/', '\\']);
    let why = if key.is_empty() {
        "is empty".to_owned()
    } else if key.len() > LONGEST_KEY {
        format!("has {} bytes; {LONGEST_KEY} are the most", key.len())
    } else if key.contains(char::is_control) {
        "holds a control character".to_owned()
    } else if key.starts_with(['/', '\\']) {
        "begins with a slash".to_owned()
    } else if segments.any(|it| it == "." || it == "..") {
        "holds `.` or `..` between slashes".to_owned()
    } else {
        return Ok(());
    };
    let mut shown = String::new();
    for it in key.chars().take(60) {
        let _ = write!(shown, "{}", it.escape_debug());
    }
    if key.chars().nth(60).is_some() {
        shown.push('…');
    }
    let why = format!("`{shown}` is no key for an object of `{bucket}`: it {why}");
    Err(Refused::Invalid(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_nowhere_else() {
        let told = |key: &str| match check_key("files", key) {
            Ok(()) => String::new(),
            Err(why) => why.words(),
        };
        for good in [
            "a",
            "a/b.txt",
            "..a/b..",
            "a//b",
            "ä b",
            ".hidden",
            &"x".repeat(1024),
        ] {
            assert_eq!(told(good), "", "{good}");
        }
        for (bad, why) in [
            ("", "is empty"),
            ("/a", "begins with a slash"),
            ("\\a", "begins with a slash"),
            ("a/../b", "holds `.` or `..`"),
            ("a\\..\\b", "holds `.` or `..`"),
            ("..", "holds `.` or `..`"),
            ("./a", "holds `.` or `..`"),
            ("a\0b", "control character"),
            (&"ä".repeat(513), "has 1026 bytes"),
        ] {
            assert!(told(bad).contains(why), "{bad:?}: {}", told(bad));
        }
        assert!(told("a\nb").starts_with("`a\\nb` is no key"));
    }
}
