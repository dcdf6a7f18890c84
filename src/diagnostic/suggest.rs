//! "Did you mean": the candidate nearest to a misspelt word.

/// Returns the candidate that `word` was likely meant to be: at most a third of its letters differ (two
/// neighbours swapped count as one), or it only misses its end.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    let distance = |candidate: &'a str| {
        let lower = word.to_ascii_lowercase();
        let edits = strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase());
        let shortened = lower.len() >= 3 && candidate.starts_with(&lower);
        (shortened || edits <= allowed).then_some((edits, candidate))
    };
    let near = candidates.into_iter().filter_map(distance);
    near.min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_words_are_found() {
        let words = ["timeout", "memory", "retry", "on"];
        assert_eq!(closest("tiemout", words), Some("timeout"));
        assert_eq!(closest("Memory", words), Some("memory"));
        assert_eq!(closest("retr", words), Some("retry"));
        assert_eq!(closest("colour", words), None);
    }
}
