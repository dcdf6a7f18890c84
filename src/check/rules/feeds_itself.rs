//! FN0507: functions and resources that feed themselves in a loop.

use std::collections::{BTreeMap, VecDeque};

use super::cycles::{Graph, components};
use super::flow::Flow;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{App, Grant, Name, Verb};

/// Follows what functions may send and publish to the functions it starts; reports each loop once.
pub(super) fn check(app: &App, flow: &Flow<'_>, found: &mut Diagnostics) {
    let links = Links::of(app, flow);
    let graph: Graph = links
        .edges
        .iter()
        .map(|it| it.iter().map(|edge| edge.to).collect())
        .collect();
    for component in components(&graph) {
        // Functions come first in the graph, so the smallest number is the function that was declared first.
        if let Some(start) = component.iter().min().filter(|_| component.len() > 1) {
            report(&links.shortest_loop(*start), found);
        }
    }
}

/// The program as a graph: functions first, then queues and topics.
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
}

impl<'a> Links<'a> {
    fn of(app: &'a App, flow: &Flow<'a>) -> Self {
        let functions = app.functions.len();
        let (queues, topics) = (app.queues.len(), app.topics.len());
        let mut edges: Vec<Vec<Edge<'a>>> = vec![Vec::new(); functions + queues + topics];
        let queue_at = |name: &str| Some(functions + app.queues.get_index_of(name)?);
        let topic_at = |name: &str| Some(functions + queues + app.topics.get_index_of(name)?);
        let mut link = |from: usize, edge: Edge<'a>| {
            if let Some(out) = edges.get_mut(from) {
                out.push(edge);
            }
        };
        for (from, function) in app.functions.values().enumerate() {
            for Grant { verb, resource, .. } in &function.can {
                let to = match verb {
                    Verb::Send => queue_at(resource.as_str()),
                    Verb::Publish => topic_at(resource.as_str()),
                    Verb::Write | Verb::Read | Verb::Invoke | Verb::Reply => None,
                };
                if let Some(to) = to {
                    let (at, function) = (resource, function.name.as_str());
                    link(
                        from,
                        Edge {
                            to,
                            at,
                            function,
                            verb: Some(*verb),
                        },
                    );
                }
            }
        }
        let function_at = |name: &str| app.functions.get_index_of(name);
        for queue in app.queues.keys() {
            for &(function, trigger) in &flow.queue(queue).consumers {
                if let Some((from, to)) = queue_at(queue).zip(function_at(function.name.as_str())) {
                    let (at, function) = (&trigger.queue, function.name.as_str());
                    link(
                        from,
                        Edge {
                            to,
                            at,
                            function,
                            verb: None,
                        },
                    );
                }
            }
        }
        for topic in app.topics.keys() {
            for &(function, trigger) in &flow.topic(topic).subscribers {
                if let Some((from, to)) = topic_at(topic).zip(function_at(function.name.as_str())) {
                    let (at, function) = (&trigger.topic, function.name.as_str());
                    link(
                        from,
                        Edge {
                            to,
                            at,
                            function,
                            verb: None,
                        },
                    );
                }
            }
        }
        Links { edges }
    }

    /// Returns the steps of a shortest way from a node back to it; empty when there is none.
    fn shortest_loop(&self, start: usize) -> Vec<Edge<'a>> {
        let mut came_by: BTreeMap<usize, (usize, Edge<'a>)> = BTreeMap::new();
        let mut waiting = VecDeque::from([start]);
        while let Some(node) = waiting.pop_front() {
            for edge in self.edges.get(node).into_iter().flatten() {
                if came_by.contains_key(&edge.to) {
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

fn report(steps: &[Edge<'_>], found: &mut Diagnostics) {
    let Some(first) = steps.first() else {
        return;
    };
    let mut way = format!("`{}`", first.function);
    for step in steps {
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
        if step.verb.is_none() && step.function != first.function {
            way += ", which";
        }
    }
    let mut finding = Diagnostic::new(
        Code::FN0507,
        format!("`{}` can start itself without end", first.function),
    );
    for step in steps {
        let text = match step.verb {
            Some(verb) => format!("`{}` may {} to it", step.function, verb.word()),
            None => format!("and `{}` starts on it", step.function),
        };
        finding = finding.label(step.at.span, text);
    }
    found.push(finding.help(format!(
        "{way}; send elsewhere, or make sure that the handlers end every chain"
    )));
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
    fn a_chain_is_fine() {
        let source = r#"
defaults { retry 2 then failed }
queue orders { retry 5 then failed }
queue paid { retry 5 then failed }
queue failed { keep 14d }
function bill { handler "src/bill.py:handle"; on queue orders; can send paid }
function ship { handler "src/ship.py:handle"; on queue paid }"#;
        finds(source, "");
    }
}
