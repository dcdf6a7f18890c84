//! CESQL, the expressions of a filter (CloudEvents SQL Expression Language 1.0).

/// Returns why an expression can't be read, or doesn't mean what it seems to.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    parser.expression()?;
    match parser.next() {
        None => Ok(()),
        Some(token) => Err(format!("`{}` stands where it ends", token.text())),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text,
    Number,
    Sign(&'static str),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(it) => it,
            Token::Text => "a text",
            Token::Number => "a number",
            Token::Sign(it) => it,
        }
    }

    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(it) if it.eq_ignore_ascii_case(word))
    }
}

// Longer signs first.
const SIGNS: [&str; 15] = [
    "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", "%",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = if first == '\'' || first == '"' {
            found.push(Token::Text);
            let inner = rest.get(1..).unwrap_or_default();
            let end = end_of(inner, first).ok_or("a text doesn't end")?;
            inner.get(end..).unwrap_or_default()
        } else if first.is_ascii_digit() {
            found.push(Token::Number);
            rest.trim_start_matches(|it: char| it.is_ascii_digit())
        } else if first.is_ascii_alphabetic() {
            let after = rest.trim_start_matches(|it: char| it.is_ascii_alphanumeric() || it == '_');
            let word = rest.strip_suffix(after).unwrap_or(rest);
            found.push(Token::Word(word.to_owned()));
            after
        } else if let Some(sign) = SIGNS.into_iter().find(|it| rest.starts_with(it)) {
            found.push(Token::Sign(sign));
            rest.strip_prefix(sign).unwrap_or_default()
        } else {
            return Err(format!("`{first}` means nothing"));
        };
        rest = after.trim_start();
    }
    Ok(found)
}

/// Returns where the text that began with this quote is over.
fn end_of(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, it) in text.char_indices() {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if it == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

const FUNCTIONS: [&str; 14] = [
    "LENGTH",
    "CONCAT",
    "CONCAT_WS",
    "LOWER",
    "UPPER",
    "TRIM",
    "LEFT",
    "RIGHT",
    "SUBSTRING",
    "ABS",
    "INT",
    "BOOL",
    "STRING",
    "IS_BOOL",
];
const WORDS: [&str; 11] = [
    "AND",
    "OR",
    "XOR",
    "NOT",
    "IN",
    "LIKE",
    "EXISTS",
    "TRUE",
    "FALSE",
    "IS_INT",
    "IS_STRING",
];

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Sign(it)) if *it == sign);
        self.at += usize::from(here);
        here
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let here = self.peek().is_some_and(|it| it.is(word));
        self.at += usize::from(here);
        here
    }

    fn expression(&mut self) -> Result<(), String> {
        let first = self.at;
        self.value()?;
        let alone = self.at - first == 1;
        let attribute = |parser: &Parser, at: usize| matches!(parser.tokens.get(at), Some(Token::Word(it)) if !WORDS.iter().any(|word| word.eq_ignore_ascii_case(it)));
        loop {
            let compared = ["=", "!=", "<>", "<", ">", "<=", ">="];
            let joined = ["+", "-", "*", "/", "%"];
            if self.takes_word("AND") || self.takes_word("OR") || self.takes_word("XOR") {
                return self.expression();
            }
            let not = self.takes_word("NOT");
            if self.takes_word("LIKE") {
                if self.next() != Some(Token::Text) {
                    return Err("LIKE wants a text".to_owned());
                }
            } else if self.takes_word("IN") {
                self.list()?;
            } else if not {
                return Err("NOT wants LIKE or IN here".to_owned());
            } else if compared.iter().any(|it| self.takes(it)) {
                let second = self.at;
                self.value()?;
                let two = alone
                    && self.at - second == 1
                    && attribute(self, first)
                    && attribute(self, second);
                if two {
                    let word = self.tokens.get(second).map_or("", Token::text);
                    return Err(format!(
                        "it compares two attributes: write the text `'{word}'` in quotes"
                    ));
                }
            } else if joined.iter().any(|it| self.takes(it)) {
                self.value()?;
            } else {
                return Ok(());
            }
        }
    }

    fn list(&mut self) -> Result<(), String> {
        if !self.takes("(") {
            return Err("a list begins with `(`".to_owned());
        }
        loop {
            self.expression()?;
            if self.takes(")") {
                return Ok(());
            }
            if !self.takes(",") {
                return Err("a list goes on with `,` or ends with `)`".to_owned());
            }
        }
    }

    fn value(&mut self) -> Result<(), String> {
        if self.takes_word("NOT") || self.takes("-") {
            return self.value();
        }
        if self.takes_word("EXISTS") {
            return match self.next() {
                Some(Token::Word(name)) => attribute(&name),
                _ => Err("EXISTS wants an attribute".to_owned()),
            };
        }
        if self.takes("(") {
            self.expression()?;
            return if self.takes(")") {
                Ok(())
            } else {
                Err("a `)` is missing".to_owned())
            };
        }
        match self.next() {
            Some(Token::Text | Token::Number) => Ok(()),
            Some(Token::Word(name)) if matches!(self.peek(), Some(Token::Sign("("))) => {
                let known = FUNCTIONS
                    .iter()
                    .chain(&WORDS)
                    .any(|it| it.eq_ignore_ascii_case(&name));
                if !known {
                    return Err(format!("there is no function `{name}`"));
                }
                self.at += 1;
                if self.takes(")") {
                    return Ok(());
                }
                self.at -= 1;
                self.list()
            }
            Some(Token::Word(name)) => {
                if name.eq_ignore_ascii_case("true") || name.eq_ignore_ascii_case("false") {
                    return Ok(());
                }
                attribute(&name)
            }
            Some(Token::Sign(sign)) => Err(format!("`{sign}` stands where a value is due")),
            None => Err("it ends where a value is due".to_owned()),
        }
    }
}

fn attribute(name: &str) -> Result<(), String> {
    if super::eventing::is_attribute(name) {
        Ok(())
    } else {
        Err(format!(
            "`{name}` is no attribute of CloudEvents: lower-case letters and digits"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for good in [
            "type = 'com.shop.order.paid' AND EXISTS tier AND tier IN ('gold', 'silver')",
            "subject LIKE 'a%' OR NOT (source != \"x\")",
            "subject NOT LIKE '%.tmp' XOR LEFT(type, 3) = 'com'",
            "INT(weight) >= 3 and LENGTH(subject) < 10 + 2",
            "TRUE",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "type == 'x' AND",
            "type = 'x' && id = 'y'",
            "data.x = 1",
            "order_id = '1'",
            "type = a",
            "orderType = 'a'",
            "SHOUT(type) = 'X'",
            "type = 'x",
            "",
            "(type = 'x'",
            "type IN 'x'",
            "type 'x'",
            "type = ",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
