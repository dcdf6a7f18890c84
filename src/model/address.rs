//! What is wrong with host names, origins and issuers.

/// Returns why a text is no host name (RFC 1123, section 2.1; a last part of digits alone is an address).
pub fn host_problem(text: &str) -> Option<&'static str> {
    let parts: Vec<&str> = text.split('.').collect();
    let part = |it: &&str| {
        let letters = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        (1..=63).contains(&it.len())
            && it.chars().all(letters)
            && !it.starts_with('-')
            && !it.ends_with('-')
    };
    if text.contains("://") || text.contains('/') {
        Some("this is an address, not a name")
    } else if text.contains(':') {
        Some("a port is not part of it")
    } else if text.chars().any(|it| it.is_ascii_uppercase()) {
        Some("host names are written in lower case")
    } else if text.len() > 253 || !parts.iter().all(part) {
        Some("parts are letters, digits and `-`, with `.` between them")
    } else if parts.len() < 2 {
        Some("the domain is missing")
    } else if parts
        .last()
        .is_some_and(|it| it.chars().all(|it| it.is_ascii_digit()))
    {
        Some("this is a number, not a name")
    } else {
        None
    }
}

/// Returns why a text is no origin as browsers send it (RFC 6454, section 6.2), and what to write instead where that
/// is plain. `*` is any origin.
pub fn origin_problem(text: &str) -> Option<(&'static str, Option<String>)> {
    if text == "*" {
        return None;
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let better = host_problem(text)
            .is_none()
            .then(|| format!("https://{text}"));
        return Some(("the scheme is missing", better));
    };
    let lower = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "+-.".contains(it);
    if !scheme.starts_with(|it: char| it.is_ascii_lowercase()) || !scheme.chars().all(lower) {
        return Some(("the scheme is a word in lower case, such as `https`", None));
    }
    if let Some((authority, _)) = rest.split_once(['/', '?', '#']) {
        let better = format!("{scheme}://{authority}");
        let better = origin_problem(&better).is_none().then_some(better);
        return Some(("an origin ends with the host, or its port", better));
    }
    if rest.contains('*') {
        return Some(("part of a name can't be left open", None));
    }
    if rest.chars().any(|it| it.is_ascii_uppercase()) {
        let better = format!("{scheme}://{}", rest.to_ascii_lowercase());
        return Some(("browsers send the host in lower case", Some(better)));
    }
    let (host, port) = match rest.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((address, port)) => {
            let digits = |it: char| it.is_ascii_hexdigit() || it == ':' || it == '.';
            if address.is_empty() || !address.chars().all(digits) {
                return Some(("this is no address", None));
            }
            ("", port)
        }
        None => rest.split_at(rest.find(':').unwrap_or(rest.len())),
    };
    let named = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "-._".contains(it);
    if !rest.starts_with('[') && (host.is_empty() || !host.chars().all(named)) {
        return Some(("the host is missing or malformed", None));
    }
    match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits) if matches!((scheme, digits), ("https", "443") | ("http", "80")) => {
            let better = (!host.is_empty()).then(|| format!("{scheme}://{host}"));
            Some(("browsers leave the usual port out", better))
        }
        Some(digits) if !digits.starts_with('0') && digits.parse::<u16>().is_ok() => None,
        Some(_) | None => Some(("the port is a number up to 65535", None)),
    }
}

/// Returns why a text is no issuer (`OpenID` Connect Discovery 1.0, section 3).
pub fn issuer_problem(text: &str) -> Option<&'static str> {
    let Some(rest) = text.strip_prefix("https://") else {
        return Some("an issuer's address begins with `https://`");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    if host_problem(host).is_some() {
        Some("the host is missing or malformed")
    } else if rest.contains(['?', '#']) {
        Some("an issuer has no query and no fragment")
    } else if rest.contains("/.well-known") {
        Some("this is where its keys are found: the issuer ends before `/.well-known`")
    } else if rest.chars().any(|it| it.is_whitespace() || it.is_control()) {
        Some("an address holds no blanks")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for good in [
            "*",
            "https://www.example.com",
            "http://localhost:5173",
            "https://[::1]:8443",
            "capacitor://localhost",
        ] {
            assert_eq!(origin_problem(good), None, "{good}");
        }
        for (bad, better) in [
            ("www.example.com", Some("https://www.example.com")),
            ("https://www.example.com/", Some("https://www.example.com")),
            ("https://a.example/path", Some("https://a.example")),
            ("https://WWW.example.com", Some("https://www.example.com")),
            ("https://a.example:443", Some("https://a.example")),
            ("https://*.example.com", None),
            ("https://", None),
            ("https://a.example:99999", None),
            ("", None),
        ] {
            let (_, found) = origin_problem(bad).expect(bad);
            assert_eq!(found.as_deref(), better, "{bad}");
        }
    }

    #[test]
    fn issuers_are_https_addresses() {
        for good in [
            "https://id.example.com",
            "https://id.example.com/",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
        ] {
            assert_eq!(issuer_problem(good), None, "{good}");
        }
        for bad in [
            "http://id.example.com",
            "id.example.com",
            "https://id.example.com/.well-known/openid-configuration",
            "https://id.example.com/?x=1",
            "https:///x",
        ] {
            assert!(issuer_problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn host_names_have_parts() {
        assert_eq!(host_problem("shop.example.com"), None);
        for bad in [
            "localhost",
            "https://a.b",
            "a.b/c",
            "A.b",
            "-a.b",
            "a..b",
            "10.0.0.1",
            "a.b:80",
        ] {
            assert!(host_problem(bad).is_some(), "{bad}");
        }
    }
}
