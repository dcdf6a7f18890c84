//! JavaScript text as tokens, as far as finding exports needs it: words, strings and marks. Comments, template texts
//! and regular expressions are passed over.

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a keyword or a number.
    Word(String),
    /// A string's content, as written.
    Text(String),
    /// A single character; a template and a regular expression are `` ` `` and `/`.
    Mark(char),
}

/// A token and how many brackets are open around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// The token.
    pub(super) token: Token,
    /// Open brackets; the same for an opening bracket and its closing one.
    pub(super) depth: usize,
}

/// Splits a text into tokens; `false` when a string, a template or a comment doesn't end, or brackets don't match.
pub(super) fn tokens(text: &str) -> (Vec<Placed>, bool) {
    let mut reader = Reader {
        letters: text.chars().collect(),
        at: 0,
        tokens: Vec::new(),
        depth: 0,
        templates: Vec::new(),
        whole: true,
    };
    while let Some(letter) = reader.take() {
        reader.token(letter);
    }
    let whole = reader.whole && reader.depth == 0;
    (reader.tokens, whole)
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    tokens: Vec<Placed>,
    depth: usize,
    /// The depths at which a `}` goes on with the text of a template.
    templates: Vec<usize>,
    whole: bool,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    fn push(&mut self, token: Token) {
        let depth = self.depth;
        self.tokens.push(Placed { token, depth });
    }

    fn token(&mut self, letter: char) {
        match letter {
            '/' if self.peek() == Some('/') => self.line_comment(),
            '#' if self.at == 1 && self.peek() == Some('!') => self.line_comment(),
            '/' if self.peek() == Some('*') => self.comment(),
            '/' if self.regex_may_stand() => self.regex(),
            '"' | '\'' => self.string(letter),
            '`' => {
                self.push(Token::Mark('`'));
                self.template();
            }
            '(' | '[' | '{' => {
                self.push(Token::Mark(letter));
                self.depth += 1;
            }
            ')' | ']' | '}' => {
                self.whole &= self.depth > 0;
                self.depth = self.depth.saturating_sub(1);
                if letter == '}' && self.templates.last() == Some(&self.depth) {
                    self.templates.pop();
                    self.template();
                } else {
                    self.push(Token::Mark(letter));
                }
            }
            _ if is_name(letter) => self.word(letter),
            _ if letter.is_whitespace() => {}
            _ => self.push(Token::Mark(letter)),
        }
    }

    fn word(&mut self, first: char) {
        let mut word = String::from(first);
        while let Some(letter) = self.peek().filter(|it| is_name(*it)) {
            word.push(letter);
            self.at += 1;
        }
        self.push(Token::Word(word));
    }

    fn line_comment(&mut self) {
        while self.take().is_some_and(|it| it != '\n') {}
    }

    fn comment(&mut self) {
        self.at += 1;
        while let Some(letter) = self.take() {
            if letter == '*' && self.peek() == Some('/') {
                self.at += 1;
                return;
            }
        }
        self.whole = false;
    }

    fn string(&mut self, quote: char) {
        let mut text = String::new();
        while let Some(letter) = self.take() {
            match letter {
                '\\' => text.extend(self.take()),
                '\n' => break,
                _ if letter == quote => {
                    self.push(Token::Text(text));
                    return;
                }
                _ => text.push(letter),
            }
        }
        self.whole = false;
    }

    /// Passes over the text of a template, to its end or to the next `${`.
    fn template(&mut self) {
        while let Some(letter) = self.take() {
            match letter {
                '\\' => self.at += 1,
                '`' => return,
                '$' if self.peek() == Some('{') => {
                    self.at += 1;
                    self.templates.push(self.depth);
                    self.depth += 1;
                    return;
                }
                _ => {}
            }
        }
        self.whole = false;
    }

    /// A `/` divides after a value, and opens a regular expression elsewhere.
    fn regex_may_stand(&self) -> bool {
        match self.tokens.last().map(|it| &it.token) {
            None => true,
            Some(Token::Word(it)) => matches!(
                it.as_str(),
                "return"
                    | "typeof"
                    | "case"
                    | "in"
                    | "of"
                    | "do"
                    | "else"
                    | "void"
                    | "delete"
                    | "await"
                    | "yield"
            ),
            Some(Token::Text(_)) => false,
            Some(Token::Mark(it)) => !matches!(it, ')' | ']' | '}' | '`' | '/'),
        }
    }

    fn regex(&mut self) {
        let mut in_class = false;
        while let Some(letter) = self.take() {
            match letter {
                '\\' => self.at += 1,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    self.push(Token::Mark('/'));
                    return;
                }
                '\n' => break,
                _ => {}
            }
        }
        self.whole = false;
    }
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let (tokens, whole) = tokens(text);
        assert!(whole, "{text}");
        let word = |it: Placed| match it.token {
            Token::Word(word) => Some(word),
            Token::Text(_) | Token::Mark(_) => None,
        };
        tokens.into_iter().filter_map(word).collect()
    }

    #[test]
    fn what_is_no_code_is_passed_over() {
        assert_eq!(words("a // b\n/* c\n d */ e"), ["a", "e"]);
        assert_eq!(words("a = 'b \\' c' + \"d\""), ["a"]);
        assert_eq!(words("#!/usr/bin/env node\na"), ["a"]);
    }

    #[test]
    fn templates_hold_code() {
        assert_eq!(
            words("`a ${b + `c ${ {d: 1} }`} e` + f"),
            ["b", "d", "1", "f"]
        );
    }

    #[test]
    fn regular_expressions_are_no_divisions() {
        assert_eq!(words("x = /\"[/'`]/.test(y)"), ["x", "test", "y"]);
        assert_eq!(
            words("x = a / b / c; y = (a) / 2"),
            ["x", "a", "b", "c", "y", "a", "2"]
        );
    }

    #[test]
    fn what_has_no_end_is_told() {
        assert!(!tokens("a = 'b\n").1);
        assert!(!tokens("`a ${b").1);
        assert!(!tokens("/* a").1);
        assert!(!tokens("f(").1);
    }
}
