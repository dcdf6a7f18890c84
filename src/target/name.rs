//! Names on a target: legal characters, and a limit of their own.

/// Returns a name of the program with `-` for `_`.
pub(super) fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

/// Returns `name` when it fits into `limit` characters, else its beginning and a hash of all of it, so that two
/// long names stay two.
pub(super) fn shortened(name: &str, limit: usize) -> String {
    if name.len() <= limit {
        return name.to_owned();
    }
    let kept: String = name.chars().take(limit.saturating_sub(9)).collect();
    format!("{}-{}", kept.trim_end_matches('-'), hash(name))
}

/// Returns eight hexadecimal digits that depend on nothing but `text` (FNV-1a).
pub(super) fn hash(text: &str) -> String {
    let long = digest(text.bytes());
    format!("{:08x}", (long >> 32) ^ (long & 0xffff_ffff))
}

/// Returns a number that depends on nothing but the bytes (FNV-1a); to tell versions apart, not to keep secrets.
pub(super) fn digest(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_apart() {
        let (a, b) = ("a".repeat(70) + "x", "a".repeat(70) + "y");
        assert_eq!(shortened("shop-dev", 64), "shop-dev");
        assert_eq!(shortened(&a, 64).len(), 64);
        assert_ne!(shortened(&a, 64), shortened(&b, 64));
    }
}
