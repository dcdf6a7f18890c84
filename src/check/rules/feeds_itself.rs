//! FN0507, FN0531: functions and resources that feed themselves in a loop.

use std::collections::{BTreeMap, VecDeque};

use indexmap::IndexMap;

use super::cycles::{Graph, components};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, BucketChange, Grant, Name, Trigger, TriggerKind, Verb};

/// Follows what functions may send, publish, write and call to the functions it starts; reports each loop once. What
/// takes only some of the events, such as a prefix, may keep a loop from closing: that one is a note.
pub(super) fn check(app: &App, found: &mut Diagnostics) {
    let links = Links::of(app);
    let mut reported = vec![false; links.edges.len()];
    for certain in [true, false] {
        for component in components(&links.graph(certain)) {
            // Functions come first in the graph, so the smallest number is the function that was declared first.
            let Some(start) = component.iter().min().copied() else {
                continue;
            };
            if component
                .iter()
                .any(|it| reported.get(*it).copied().unwrap_or(false))
            {
                continue;
            }
            let steps = links.shortest_loop(start, certain);
            if !steps.is_empty() {
                report(&steps, certain, found);
                for node in component {
                    reported.get_mut(node).into_iter().for_each(|it| *it = true);
                }
            }
        }
    }
}

/// The program as a graph: functions first, then what they use.
struct Links<'a> {
    edges: Vec<Vec<Edge<'a>>>,
}

/// A step that an event can take.
#[derive(Clone, Copy)]
struct Edge<'a> {
    to: usize,
    /// The name as written in the function: in `can`, or in `on`.
    at: &'a Name,
    /// The function it is written in.
    function: &'a str,
    /// What the function may do; `None`: it is started.
    verb: Option<Verb>,
    /// What lets only some of the events take the step.
    some: Option<&'static str>,
}

impl<'a> Links<'a> {
    fn of(app: &'a App) -> Self {
        let mut nodes: IndexMap<&str, usize> = IndexMap::new();
        let names = app.functions.keys();
        let names = names.chain(app.queues.keys()).chain(app.topics.keys());
        let names = names.chain(app.streams.keys()).chain(app.buckets.keys());
        for name in names.chain(app.tables.keys()).chain(app.buses.keys()) {
            let node = nodes.len();
            nodes.insert(name.as_str(), node);
        }
        let mut edges: Vec<Vec<Edge<'a>>> = vec![Vec::new(); nodes.len()];
        let mut link = |from: &str, to: &str, edge: Edge<'a>| {
            let from = nodes.get(from).and_then(|it| edges.get_mut(*it));
            if let Some((out, to)) = from.zip(nodes.get(to)) {
                out.push(Edge { to: *to, ..edge });
            }
        };
        for function in app.functions.values() {
            let name = function.name.as_str();
            for Grant { verb, resource, .. } in &function.can {
                let feeds = match verb {
                    Verb::Send | Verb::Publish | Verb::Write | Verb::Invoke => true,
                    Verb::Read | Verb::Reply => false,
                };
                if feeds {
                    let edge = Edge {
                        to: 0,
                        at: resource,
                        function: name,
                        verb: Some(*verb),
                        some: None,
                    };
                    link(name, resource.as_str(), edge);
                }
            }
            for trigger in &function.triggers {
                if let Some((source, some)) = source(trigger) {
                    let edge = Edge {
                        to: 0,
                        at: source,
                        function: name,
                        verb: None,
                        some,
                    };
                    link(source.as_str(), name, edge);
                }
            }
        }
        Links { edges }
    }

    /// Returns the graph of the steps that every event takes, or of all.
    fn graph(&self, certain: bool) -> Graph {
        let taken = |it: &&Edge<'_>| !certain || it.some.is_none();
        let out = |it: &Vec<Edge<'_>>| it.iter().filter(taken).map(|edge| edge.to).collect();
        self.edges.iter().map(out).collect()
    }

    /// Returns the steps of a shortest way from a node back to it; empty when there is none.
    fn shortest_loop(&self, start: usize, certain: bool) -> Vec<Edge<'a>> {
        let mut came_by: BTreeMap<usize, (usize, Edge<'a>)> = BTreeMap::new();
        let mut waiting = VecDeque::from([start]);
        while let Some(node) = waiting.pop_front() {
            for edge in self.edges.get(node).into_iter().flatten() {
                if came_by.contains_key(&edge.to) || (certain && edge.some.is_some()) {
                    continue;
                }
                came_by.insert(edge.to, (node, *edge));
                if edge.to == start {
                    return walk_back(&came_by, start);
                }
                waiting.push_back(edge.to);
            }
        }
        Vec::new()
    }
}

/// Returns whose events start a function, and what lets only some of them do so.
fn source(trigger: &Trigger) -> Option<(&Name, Option<&'static str>)> {
    let filtered = trigger
        .filter
        .as_ref()
        .map(|_| "those that its `where` takes");
    match &trigger.kind {
        TriggerKind::Queue(it) => Some((&it.queue, filtered)),
        TriggerKind::Topic(it) => Some((&it.topic, filtered)),
        TriggerKind::Stream(it) | TriggerKind::Table(it) => Some((&it.source, filtered)),
        TriggerKind::Bucket(it) => {
            let any = it.prefix.value.is_empty() && it.suffix.value.is_empty();
            let some = match it.change {
                BucketChange::Deleted => Some("objects that are deleted"),
                BucketChange::Created if any => filtered,
                BucketChange::Created => Some("keys that begin and end as its trigger says"),
            };
            Some((&it.bucket, some))
        }
        // Whoever publishes may publish events of other types only.
        TriggerKind::Event(it) => Some((&it.bus, Some("events of the type it takes"))),
        TriggerKind::Http(_)
        | TriggerKind::Schedule(_)
        | TriggerKind::Every(_)
        | TriggerKind::Websocket(_)
        | TriggerKind::Raw(_) => None,
    }
}

fn walk_back<'a>(came_by: &BTreeMap<usize, (usize, Edge<'a>)>, start: usize) -> Vec<Edge<'a>> {
    let mut steps = Vec::new();
    let mut at = start;
    while let Some((from, edge)) = came_by.get(&at) {
        steps.push(*edge);
        at = *from;
        if at == start {
            break;
        }
    }
    steps.reverse();
    steps
}

fn report(steps: &[Edge<'_>], certain: bool, found: &mut Diagnostics) {
    let Some(first) = steps.first() else {
        return;
    };
    let mut way = format!("`{}`", first.function);
    for (at, step) in steps.iter().enumerate() {
        let name = &step.at.value;
        let (does, whom) = match step.verb {
            Some(Verb::Send) => (" sends to", name.as_str()),
            Some(Verb::Publish) => (" publishes to", name.as_str()),
            Some(Verb::Write) => (" writes to", name.as_str()),
            Some(Verb::Read) => (" reads", name.as_str()),
            Some(Verb::Invoke) => (" calls", name.as_str()),
            Some(Verb::Reply) => (" answers", name.as_str()),
            None => (", which starts", step.function),
        };
        way.extend([does, " `", whom, "`"]);
        let at_function = step.verb.is_none() || step.verb == Some(Verb::Invoke);
        if at_function && at + 1 < steps.len() {
            way += ", which";
        }
    }
    let name = first.function;
    let (code, message) = if certain {
        (
            Code::FN0507,
            format!("`{name}` can start itself without end"),
        )
    } else {
        (Code::FN0531, format!("`{name}` may start itself"))
    };
    let mut finding = Diagnostic::new(code, message);
    for step in steps {
        let text = match (step.verb, step.some) {
            (Some(verb), _) => format!("`{}` may {} to it", step.function, verb.word()),
            (None, Some(some)) => format!("`{}` starts on {some}", step.function),
            (None, None) => format!("and `{}` starts on it", step.function),
        };
        finding = finding.label(
            step.at.span,
            text.replace("may invoke to it", "may invoke it"),
        );
    }
    let advice = if certain {
        "send elsewhere, or make sure that the handlers end every chain"
    } else {
        "make sure that what it sends there is not what it takes"
    };
    found.push(finding.help(format!("{way}; {advice}")));
}

#[cfg(test)]
mod tests {
    use super::super::testing::{finds, help};

    #[test]
    fn a_function_does_not_feed_itself() {
        let source = r#"
queue orders { retry 5 then failed }
queue failed { keep 14d }
function bill { handler "src/bill.py:handle"; on queue orders; can send orders }"#;
        finds(source, "FN0507 at `orders`");
        assert_eq!(
            help(source),
            "`bill` sends to `orders`, which starts `bill`; send elsewhere, or make sure that the handlers \
             end every chain"
        );
    }

    #[test]
    fn longer_loops_are_found_once() {
        let source = r#"
defaults { retry 2 then failed }
queue orders { retry 5 then failed }
queue failed { keep 14d }
topic placed
function bill { handler "src/bill.py:handle"; on queue orders; can publish placed }
function ship { handler "src/ship.py:handle"; on topic placed; can send orders }
function mail { handler "src/mail.py:handle"; on topic placed }"#;
        finds(source, "FN0507 at `placed`");
        assert!(help(source).starts_with(
            "`bill` publishes to `placed`, which starts `ship`, which sends to `orders`, which starts `bill`;"
        ));
    }

    #[test]
    fn every_kind_of_resource_can_close_a_loop() {
        let program = |resource: &str, on: &str, can: &str| {
            format!(
                r#"
queue failed {{ keep 14d }}
{resource}
function f {{ handler "src/f.py:handle"; on {on}; can {can}; on every 5m; retry 2 then failed }}"#
            )
        };
        let table = "table notes { key id string }";
        let parks = "{ retry 2 then failed }";
        finds(
            &program(
                table,
                &format!("table notes changed {parks}"),
                "write notes",
            ),
            "FN0507 at `notes`",
        );
        finds(
            &program(
                "stream clicks",
                &format!("stream clicks {parks}"),
                "write clicks",
            ),
            "FN0507 at `clicks`",
        );
        finds(
            &program("bucket files", "bucket files created", "write files"),
            "FN0507 at `files`",
        );
        finds(
            &program("", "http POST \"/\" { auth none }", "invoke f"),
            "FN0507 at `f`",
        );
    }

    #[test]
    fn what_takes_some_events_only_is_a_note() {
        let program = |resource: &str, on: &str, can: &str| {
            format!(
                r#"
queue failed {{ keep 14d }}
{resource}
function f {{ handler "src/f.py:handle"; on {on}; can {can}; retry 2 then failed }}"#
            )
        };
        let files = "bucket files";
        finds(
            &program(
                files,
                "bucket files created { prefix \"in/\" }",
                "write files",
            ),
            "FN0531 at `files`",
        );
        finds(
            &program(files, "bucket files deleted", "write files"),
            "FN0531 at `files`",
        );
        finds(
            &program(
                "bus events",
                "event \"order.placed\" from events",
                "publish events",
            ),
            "FN0531 at `events`",
        );
        finds(&program(files, "bucket files created", "read files"), "");
    }

    #[test]
    fn a_chain_is_fine() {
        let source = r#"
queue orders { retry 5 then failed }
queue paid { retry 5 then failed }
queue failed { keep 14d }
function bill { handler "src/bill.py:handle"; on queue orders; can send paid }
function ship { handler "src/ship.py:handle"; on queue paid }"#;
        finds(source, "");
    }
}
