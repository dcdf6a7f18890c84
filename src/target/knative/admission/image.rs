//! References to images.

/// Tells whether this is a reference to an image: a registry, lower-case folders, a tag or a digest.
pub(super) fn is_image(text: &str) -> bool {
    let (text, digest) = text
        .split_once('@')
        .map_or((text, None), |it| (it.0, Some(it.1)));
    let hex = |it: char| it.is_ascii_digit() || ('a'..='f').contains(&it);
    let is_digest = |it: &str| {
        it.strip_prefix("sha256:")
            .is_some_and(|it| it.len() == 64 && it.chars().all(hex))
    };
    let slash = text.rfind('/').map_or(0, |it| it + 1);
    let last = text.get(slash..).unwrap_or_default();
    let (name, tag) = match last.split_once(':') {
        Some((name, tag)) => (
            text.get(..slash + name.len()).unwrap_or_default(),
            Some(tag),
        ),
        None => (text, None),
    };
    let is_tag = |it: &str| {
        (1..=128).contains(&it.len())
            && !it.starts_with(['.', '-'])
            && it
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    };
    let edge = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let folder = |it: &str| {
        it.starts_with(edge)
            && it.ends_with(edge)
            && it.chars().all(|c| edge(c) || "._-".contains(c))
    };
    let mut parts = name.split('/');
    let first = parts.next().unwrap_or_default();
    let host = first.split_once(':').map_or(first, |it| {
        if it.1.parse::<u16>().is_ok() {
            it.0
        } else {
            ""
        }
    });
    folder(host) && parts.all(folder) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images() {
        for good in [
            "shop/python3.13",
            "ghcr.io/me/shop:1.4.0",
            "localhost:5000/a/b:x",
            "a",
        ] {
            assert!(is_image(good), "{good}");
        }
        for bad in ["Shop/a", "a:", "", "a b", "a/b:-x", "a@sha256:12", "a:x/b"] {
            assert!(!is_image(bad), "{bad}");
        }
    }
}
