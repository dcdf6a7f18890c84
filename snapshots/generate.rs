//! Programs that mean something, made at random of the parts in `snapshots/generate/`: between them they use every word
//! that a target builds. Each value and each word that may be left out can be changed on its own.
//!
//! In a part, `«a|b»` is a value and `‹a|b›` a word, of which one is chosen; `⟦…⟧` may be left out, and `⟦aws azure: …⟧`
//! stands for these targets only, `⟦!aws: …⟧` there always; `@name` is another part, `#` the number of the use, so that names differ.

use std::collections::BTreeMap;
use std::ops::Range;

use fnc::target::Target;

/// Numbers that look random, and are the same in each run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// Returns a number below `limit` (`SplitMix64`).
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// A program whose values and words can be changed one by one.
pub(crate) struct Program {
    /// One for each file.
    files: Vec<Vec<Node>>,
    /// How many changes there are.
    pub(crate) changes: usize,
}

enum Node {
    Text(String),
    /// One of several texts.
    Value {
        change: usize,
        here: String,
        other: String,
    },
    /// The name of a value that the first file declares.
    Named {
        change: usize,
        name: String,
    },
    /// What may be left out.
    Part {
        change: usize,
        nodes: Vec<Node>,
    },
}

/// The text of a program's files.
#[derive(Default)]
pub(crate) struct Texts {
    /// The files.
    pub(crate) files: Vec<String>,
    /// The lines, by file, that a change is about.
    pub(crate) lines: Vec<(usize, Range<usize>)>,
}

impl Program {
    /// Writes the program, with one thing changed, or as it is; `about` is the change whose lines to tell.
    pub(crate) fn texts(&self, changed: Option<usize>, about: usize) -> Texts {
        let mut texts = Texts::default();
        for (file, nodes) in self.files.iter().enumerate() {
            let mut text = String::new();
            let mut places = Vec::new();
            write(nodes, changed, about, &mut text, &mut places);
            let lines = places.into_iter().map(|it| (file, line(&text, &it)));
            texts.lines.extend(lines);
            texts.files.push(text);
        }
        texts
    }
}

/// Returns the lines that a place lies in.
fn line(text: &str, place: &Range<usize>) -> Range<usize> {
    let start = text[..place.start].rfind('\n').map_or(0, |it| it + 1);
    let end = text[place.end..]
        .find('\n')
        .map_or(text.len(), |it| place.end + it);
    start..end
}

fn write(
    nodes: &[Node],
    changed: Option<usize>,
    about: usize,
    text: &mut String,
    places: &mut Vec<Range<usize>>,
) {
    for node in nodes {
        let start = text.len();
        let change = match node {
            Node::Text(it) => {
                text.push_str(it);
                continue;
            }
            Node::Value {
                change,
                here,
                other,
            } => {
                text.push_str(if changed == Some(*change) {
                    other
                } else {
                    here
                });
                *change
            }
            Node::Named { change, name } => {
                text.push_str(name);
                *change
            }
            Node::Part { change, nodes } => {
                if changed != Some(*change) {
                    write(nodes, changed, about, text, places);
                }
                *change
            }
        };
        if change == about {
            places.push(start..text.len());
        }
    }
}

/// The parts that programs are made of.
pub(crate) struct Parts {
    /// By the name that `@name` gives.
    named: BTreeMap<String, String>,
    /// What an app says once, by target.
    apps: Vec<Unit>,
    /// Declarations that belong together.
    pub(crate) units: Vec<Unit>,
}

/// Some declarations, and the targets that build them.
pub(crate) struct Unit {
    targets: Vec<String>,
    text: String,
}

impl Unit {
    pub(crate) fn is_for(&self, target: Target) -> bool {
        self.targets.iter().any(|it| it == target.word())
    }
}

fn units(text: &str) -> Vec<Unit> {
    let units = text.trim_start_matches("== ").split("\n== ").map(|it| {
        let (head, text) = it.split_once('\n').unwrap();
        Unit {
            targets: head.split(' ').map(str::to_owned).collect(),
            text: format!("{}\n", text.trim_end()),
        }
    });
    units.collect()
}

impl Parts {
    pub(crate) fn read() -> Parts {
        let named = units(include_str!("generate/parts.txt")).into_iter();
        let texts = [
            include_str!("generate/web.txt"),
            include_str!("generate/events.txt"),
            include_str!("generate/more.txt"),
        ];
        Parts {
            named: named
                .map(|it| (it.targets[0].clone(), it.text.trim_end().to_owned()))
                .collect(),
            apps: units(include_str!("generate/apps.txt")),
            units: texts.into_iter().flat_map(units).collect(),
        }
    }

    /// Makes a program for a target; the units of `first` come before those that are chosen.
    pub(crate) fn program(&self, target: Target, first: Option<usize>, dice: &mut Dice) -> Program {
        let mut maker = Maker {
            parts: self,
            target,
            dice,
            values: Vec::new(),
            changes: 0,
            number: 0,
            documents: false,
        };
        let app = self.apps.iter().find(|it| it.is_for(target)).unwrap();
        let mut head = maker.nodes(&app.text);
        head.extend(maker.nodes("stage ‹dev|test›, prod\n"));
        let fitting: Vec<_> = self.units.iter().filter(|it| it.is_for(target)).collect();
        let mut chosen: Vec<_> = first.and_then(|it| fitting.get(it)).into_iter().collect();
        for _ in 0..=maker.dice.below(2) {
            chosen.push(&fitting[maker.dice.below(fitting.len())]);
        }
        let mut files = vec![Vec::new()];
        for unit in chosen {
            if files.len() == 1 && maker.dice.one_in(4) {
                head.insert(0, Node::Text("import \"more.fn\"\n".to_owned()));
                files.push(Vec::new());
            }
            maker.number += 1;
            let nodes = maker.nodes(&unit.text);
            files.last_mut().unwrap().extend(nodes);
        }
        head.append(&mut maker.values);
        head.append(&mut files[0]);
        files[0] = head;
        Program {
            files,
            changes: maker.changes,
        }
    }
}

struct Maker<'a> {
    parts: &'a Parts,
    target: Target,
    dice: &'a mut Dice,
    /// The declarations of values that are given a name.
    values: Vec<Node>,
    changes: usize,
    number: usize,
    /// Whether the line that is being written documents something.
    documents: bool,
}

impl Maker<'_> {
    fn change(&mut self) -> usize {
        self.changes += 1;
        self.changes - 1
    }

    /// Chooses what a part says.
    fn nodes(&mut self, part: &str) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut rest = part;
        while let Some(at) = rest.find(['«', '‹', '⟦', '@']) {
            self.text(&rest[..at], &mut nodes);
            let mark = rest[at..].chars().next().unwrap();
            let after = &rest[at + mark.len_utf8()..];
            rest = match mark {
                '«' => {
                    let (options, rest) = after.split_once('»').unwrap();
                    let node = self.value(options, true);
                    nodes.push(node);
                    rest
                }
                '‹' => {
                    let (options, rest) = after.split_once('›').unwrap();
                    let node = self.value(options, false);
                    nodes.push(node);
                    rest
                }
                '⟦' => {
                    let end = closing(after);
                    nodes.extend(self.part(&after[..end]));
                    &after[end + '⟧'.len_utf8()..]
                }
                _ => {
                    let end = after.find(|it: char| !it.is_ascii_alphabetic());
                    let (name, rest) = after.split_at(end.unwrap_or(after.len()));
                    match name {
                        "target" => nodes.push(Node::Text(self.target.word().to_owned())),
                        _ => {
                            let part = &self.parts.named[name];
                            nodes.extend(self.nodes(part));
                        }
                    }
                    rest
                }
            };
        }
        self.text(rest, &mut nodes);
        nodes
    }

    /// Writes a text, now and then with a comment at the end of a line.
    fn text(&mut self, text: &str, nodes: &mut Vec<Node>) {
        let text = text.replace('#', &self.number.to_string());
        let mut written = String::new();
        for line in text.split_inclusive('\n') {
            self.documents |= line.contains("///");
            let ended = line.strip_suffix('\n');
            let documents = self.documents;
            self.documents &= ended.is_none();
            match ended {
                Some(line) if !documents && self.dice.one_in(12) => {
                    let comments = [
                        " // beside",
                        "\n\n  // apart\n",
                        "\n//// four",
                        " //",
                        "\n\n\n",
                    ];
                    written.push_str(line);
                    written.push_str(comments[self.dice.below(comments.len())]);
                    written.push('\n');
                }
                _ => written.push_str(line),
            }
        }
        nodes.push(Node::Text(written));
    }

    fn value(&mut self, options: &str, named: bool) -> Node {
        let options = options.replace('#', &self.number.to_string());
        let options: Vec<&str> = options.split('|').collect();
        let first = self.dice.below(options.len());
        let second = (first + 1 + self.dice.below(options.len() - 1)) % options.len();
        let (here, other) = (options[first].to_owned(), options[second].to_owned());
        let change = self.change();
        let value = |here: String, other: String| Node::Value {
            change,
            here,
            other,
        };
        if !named || !self.dice.one_in(3) {
            return value(here, other);
        }
        let name = format!("value_{change}");
        let form = self.dice.below(5);
        if form == 4 {
            let wrap = |it: String| format!("(if not (1 < 2) and true then {it} else {it})");
            return value(wrap(here), wrap(other));
        }
        let (before, after) = match (form, kind(&here)) {
            (1, Some(kind)) => (format!("param {name} {kind} = "), String::new()),
            (2, _) => (
                format!("let {name} = if stage == \"prod\" then {here} else "),
                String::new(),
            ),
            (3, _) => (
                format!("let {name} = by stage {{ prod = {here}; else = "),
                " }".to_owned(),
            ),
            _ => (format!("let {name} = "), " // named".to_owned()),
        };
        let nodes = [
            Node::Text(before),
            value(here, other),
            Node::Text(after + "\n"),
        ];
        self.values.extend(nodes);
        Node::Named { change, name }
    }

    /// Chooses whether a part that may be left out is there.
    fn part(&mut self, part: &str) -> Vec<Node> {
        let (needed, part) = match part.strip_prefix('!') {
            Some(part) => (true, part),
            None => (false, part),
        };
        let targets = part.split_once(':').map(|(head, text)| {
            let words: Vec<&str> = head.split(' ').collect();
            (words, text)
        });
        let known = ["aws", "azure", "knative"];
        let text = match targets {
            Some((words, text)) if words.iter().all(|it| known.contains(it)) => {
                if !words.contains(&self.target.word()) {
                    return Vec::new();
                }
                text
            }
            _ => part,
        };
        if needed {
            return self.nodes(text);
        }
        if self.dice.one_in(2) {
            return Vec::new();
        }
        let change = self.change();
        let nodes = self.nodes(text);
        vec![Node::Part { change, nodes }]
    }
}

/// Returns the type of a value that a param can hold.
fn kind(value: &str) -> Option<&'static str> {
    match value {
        "true" | "false" => Some("bool"),
        _ if value.starts_with('"') => Some("string"),
        _ if value.ends_with('B') => Some("size"),
        _ if value.ends_with('%') => None,
        _ if value.ends_with(|it: char| it.is_ascii_digit()) => Some("int"),
        _ => Some("duration"),
    }
}

/// Returns where the part ends that a text begins with.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '⟦' => depth += 1,
            '⟧' if depth == 0 => return at,
            '⟧' => depth -= 1,
            _ => {}
        }
    }
    panic!("never closed: {text}");
}
