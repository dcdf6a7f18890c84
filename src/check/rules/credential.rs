//! FN0702: a literal that looks like a credential. It must find real keys and leave plain words, addresses and names
//! alone, for a warning that cries wolf is soon ignored.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::EnvVar;

/// Beginnings that an issuer gives to its keys, and how many characters of letters, digits, `_` and `-` follow at least.
const PREFIXES: [(&str, usize, &str); 27] = [
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("sk_live_", 10, "a Stripe key"),
    ("sk_test_", 10, "a Stripe key"),
    ("rk_live_", 10, "a Stripe key"),
    ("rk_test_", 10, "a Stripe key"),
    ("whsec_", 20, "a Stripe webhook secret"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghu_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("ghr_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("xoxa-", 20, "a Slack token"),
    ("xapp-", 20, "a Slack token"),
    ("AIza", 35, "a Google API key"),
    ("SG.", 40, "a SendGrid key"),
    ("npm_", 36, "an npm token"),
    ("pypi-", 40, "a PyPI token"),
    ("hf_", 30, "a Hugging Face token"),
    ("dop_v1_", 60, "a DigitalOcean token"),
    ("shpat_", 30, "a Shopify token"),
    ("sk-ant-", 20, "an Anthropic key"),
    ("sk-proj-", 20, "an OpenAI key"),
];

/// Texts that stand inside of credentials only, in lower case.
const INSIDE: [(&str, &str); 4] = [
    ("private key-----", "a private key"),
    ("accountkey=", "a connection string with its key"),
    ("sharedaccesskey=", "a connection string with its key"),
    ("aws_secret_access_key", "an AWS secret"),
];

/// Ends of variable names whose values are to be kept secret.
const SECRET_NAMES: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "SECRET_KEY",
    "PRIVATE_KEY",
];

/// Reports a variable whose plain text looks like a credential.
pub(super) fn check(var: &EnvVar, found: &mut Diagnostics) {
    let Some(text) = var.value.plain() else {
        return;
    };
    let Some(what) = credential(var.name.as_str(), &text) else {
        return;
    };
    let name = &var.name.value;
    let secret = name.to_ascii_lowercase();
    found.push(
        Diagnostic::new(Code::FN0702, format!("`{name}` looks like {what}"))
            .label(var.name.span, "its value stands in the program, and in what is built from it")
            .help(format!(
                "declare `secret {secret}` and write `{name} = secret.{secret}`; if the value was real, revoke it"
            )),
    );
}

fn credential(name: &str, text: &str) -> Option<&'static str> {
    let key = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.');
    let bare = text.strip_prefix("Bearer ").unwrap_or(text);
    let issued = PREFIXES.iter().find(|(prefix, least, _)| {
        let rest = bare.strip_prefix(prefix);
        rest.is_some_and(|it| it.len() >= *least && it.chars().all(key))
    });
    if let Some((_, _, what)) = issued {
        return Some(what);
    }
    let lower = text.to_ascii_lowercase();
    if let Some((_, what)) = INSIDE.iter().find(|(inside, _)| lower.contains(inside)) {
        return Some(what);
    }
    if is_web_token(bare) {
        return Some("a signed web token");
    }
    if has_password(text) {
        return Some("an address with a password in it");
    }
    let name = name.to_ascii_uppercase();
    let ending = SECRET_NAMES.iter().find(|it| name.ends_with(**it));
    match ending {
        Some(&("PASSWORD" | "PASSWD")) if is_one_word(text) => Some("a password"),
        Some(_) if is_one_word(text) && is_mixed(text) => Some("a credential"),
        _ if is_random(text) => Some("a key"),
        _ => None,
    }
}

/// `header.payload.signature`, where the header is the base64 of a JSON object.
fn is_web_token(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3 && parts.iter().all(|it| it.len() >= 10) && text.starts_with("eyJ")
}

/// `scheme://user:password@host`
fn has_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let password = user.and_then(|it| it.split_once(':')).map(|(_, it)| it);
    password.is_some_and(|it| !it.is_empty() && !it.starts_with(['$', '{', '<']))
}

/// Tells whether a text may be a password at all: not a path, an address, a sentence or a name in a store.
fn is_one_word(text: &str) -> bool {
    let plain = |it: char| !it.is_whitespace() && !matches!(it, '/' | ':');
    text.len() >= 6 && text.chars().all(plain)
}

/// Tells whether a text holds digits and letters, as words and numbers don't.
fn is_mixed(text: &str) -> bool {
    text.len() >= 12
        && text.chars().any(|it| it.is_ascii_digit())
        && text.chars().any(|it| it.is_ascii_alphabetic())
        && changes(text) * 5 >= text.len()
}

/// Tells whether a long text of base64 characters looks drawn at random: neighbours differ in class (small, capital,
/// digit) more often than in a hash, and digits stand in more places than in a name in camel case.
fn is_random(text: &str) -> bool {
    let base64 = |it: char| it.is_ascii_alphanumeric() || matches!(it, '+' | '/' | '=' | '_' | '-');
    text.len() >= 32
        && text.chars().all(base64)
        && text.chars().any(|it| it.is_ascii_lowercase())
        && text.chars().any(|it| it.is_ascii_uppercase())
        && text
            .split(|it: char| !it.is_ascii_digit())
            .filter(|it| !it.is_empty())
            .count()
            >= 3
        && changes(text) * 5 >= text.len() * 2
}

/// Counts the places where the class of a character differs from that of the one before.
fn changes(text: &str) -> usize {
    let class = |it: char| {
        (
            it.is_ascii_digit(),
            it.is_ascii_uppercase(),
            it.is_ascii_lowercase(),
        )
    };
    let next = text.chars().skip(1);
    text.chars()
        .zip(next)
        .filter(|(a, b)| class(*a) != class(*b))
        .count()
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;
    use super::credential;

    #[test]
    fn a_credential_in_env_is_found() {
        let source =
            r#"function a { handler "src/a.py:handle"; env { UPLOAD = "AKIAIOSFODNN7EXAMPLE" } }"#;
        finds(source, "FN0702 at `UPLOAD`");
    }

    #[test]
    fn credentials_are_found() {
        let cases = [
            ("UPLOAD", "AKIAIOSFODNN7EXAMPLE"),
            ("GIT", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
            ("KEY", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
            ("DB", "postgres://shop:hunter2@db.example.com:5432/shop"),
            (
                "STORE",
                "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc==",
            ),
            (
                "JWT",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
            ),
            ("DB_PASSWORD", "swordfish"),
            ("STRIPE_API_KEY", "51H8a9XyZ0b2C4d6"),
            ("AWS_THING", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY9q3"),
        ];
        for (name, text) in cases {
            assert!(credential(name, text).is_some(), "{name} = {text}");
        }
    }

    #[test]
    fn plain_values_are_left_alone() {
        let cases = [
            ("STAGE", "prod"),
            ("PUBLIC_URL", "https://shop.example.com/checkout?a=1"),
            ("TOKEN_URL", "https://login.example.com/oauth2/token"),
            ("DB_PASSWORD_LENGTH", "12"),
            ("DB_PASSWORD_SECRET", "shop/dev/database"),
            ("DB_SECRET", "database-login"),
            ("NEXT_TOKEN", "continuation"),
            ("PARTITION_KEY", "customer_id"),
            ("SORT_KEY", "created_at"),
            ("COMMIT", "9f2c1e0b7a6d5c4b3a291807f6e5d4c3b2a19080"),
            ("TENANT", "7b9f2c1e-0b7a-46d5-8c4b-3a291807f6e5"),
            ("POOL", "eu-west-1_AbCdEfGhI"),
            ("CLASS", "com.example.shop.VeryLongClassNameForOrders2"),
            (
                "ROLE",
                "arn:aws:iam::123456789012:role/ShopCheckoutFunctionRole1A2B3C",
            ),
            (
                "FEATURES",
                "checkoutV2,recommendationsV3,newSearchIndex2025",
            ),
            ("ZONE", "Europe/Berlin"),
            ("LEVEL", "info"),
            ("PATTERN", "^[A-Za-z0-9+/]{32}$"),
            ("MESSAGE", "Your password is wrong"),
            ("TOPIC", "AKIA"),
            ("MODEL", "sk_live_"),
            ("SERVICE", "ThisIsTheVeryLongNameOfOurService42AndMore99"),
            ("DB", "postgres://shop@db.example.com/shop"),
            ("HELP", "user:pass are separated by a colon"),
        ];
        for (name, text) in cases {
            assert_eq!(credential(name, text), None, "{name} = {text}");
        }
    }
}
