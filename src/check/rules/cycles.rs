//! Strongly connected components of a graph (Tarjan 1972, "Depth-first search and linear graph algorithms"),
//! without recursion, so that a chain of ten thousand steps needs no deep stack.

/// For each node, the nodes it leads to.
pub(super) type Graph = Vec<Vec<usize>>;

/// A node's place in the search.
#[derive(Clone, Copy, Default)]
struct Visit {
    /// The order of discovery, from 1; 0: not seen yet.
    index: usize,
    /// The earliest node known to be reachable.
    low: usize,
    on_stack: bool,
}

/// Returns the components, each node once.
pub(super) fn components(graph: &Graph) -> Vec<Vec<usize>> {
    let mut search = Search {
        visits: vec![Visit::default(); graph.len()],
        stack: Vec::new(),
        next_index: 1,
        found: Vec::new(),
    };
    for root in 0..graph.len() {
        if search.visit(root).index == 0 {
            search.run(graph, root);
        }
    }
    search.found
}

struct Search {
    visits: Vec<Visit>,
    stack: Vec<usize>,
    next_index: usize,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn visit(&self, node: usize) -> Visit {
        self.visits.get(node).copied().unwrap_or_default()
    }

    fn set(&mut self, node: usize, visit: Visit) {
        if let Some(it) = self.visits.get_mut(node) {
            *it = visit;
        }
    }

    fn enter(&mut self, node: usize) {
        let index = self.next_index;
        self.next_index += 1;
        self.stack.push(node);
        self.set(
            node,
            Visit {
                index,
                low: index,
                on_stack: true,
            },
        );
    }

    fn lower(&mut self, node: usize, low: usize) {
        let visit = self.visit(node);
        self.set(
            node,
            Visit {
                low: visit.low.min(low),
                ..visit
            },
        );
    }

    fn run(&mut self, graph: &Graph, root: usize) {
        // What a recursive search keeps on its call stack: a node, and how many of its edges were followed.
        let mut calls = vec![(root, 0)];
        self.enter(root);
        while let Some((node, followed)) = calls.pop() {
            let next = graph.get(node).and_then(|it| it.get(followed)).copied();
            let Some(to) = next else {
                self.leave(node);
                if let Some((parent, _)) = calls.last() {
                    self.lower(*parent, self.visit(node).low);
                }
                continue;
            };
            calls.push((node, followed + 1));
            let seen = self.visit(to);
            if seen.index == 0 {
                self.enter(to);
                calls.push((to, 0));
            } else if seen.on_stack {
                self.lower(node, seen.index);
            }
        }
    }

    /// Takes a finished component off the stack, when `node` is its first.
    fn leave(&mut self, node: usize) {
        let visit = self.visit(node);
        if visit.low != visit.index {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.stack.pop() {
            let visit = self.visit(member);
            self.set(
                member,
                Visit {
                    on_stack: false,
                    ..visit
                },
            );
            component.push(member);
            if member == node {
                break;
            }
        }
        self.found.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(graph: &Graph) -> Vec<Vec<usize>> {
        let mut all = components(graph);
        for component in &mut all {
            component.sort_unstable();
        }
        all.sort();
        all
    }

    #[test]
    fn loops_are_components() {
        assert_eq!(sorted(&vec![vec![1], vec![2], vec![]]), [[0], [1], [2]]);
        let two_loops = vec![vec![1], vec![0, 2], vec![3], vec![4], vec![2]];
        assert_eq!(sorted(&two_loops), [vec![0, 1], vec![2, 3, 4]]);
    }

    #[test]
    fn components_are_nodes_that_reach_each_other() {
        // Every graph of four nodes, against reachability by brute force.
        for bits in 0u32..1 << 12 {
            let pairs = (0..4usize).flat_map(|a| (0..4usize).map(move |b| (a, b)));
            let mut graph: Graph = vec![Vec::new(); 4];
            for (bit, (a, b)) in pairs.filter(|(a, b)| a != b).enumerate() {
                if bits >> bit & 1 == 1 {
                    graph[a].push(b);
                }
            }
            let found = components(&graph);
            for a in 0..4 {
                let own = found.iter().find(|it| it.contains(&a)).unwrap();
                for b in 0..4 {
                    let both_ways = reaches(&graph, a, b) && reaches(&graph, b, a);
                    assert_eq!(own.contains(&b), both_ways, "{graph:?}");
                }
            }
        }
    }

    fn reaches(graph: &Graph, from: usize, to: usize) -> bool {
        let mut seen = vec![from];
        let mut at = 0;
        while at < seen.len() {
            for next in &graph[seen[at]] {
                if !seen.contains(next) {
                    seen.push(*next);
                }
            }
            at += 1;
        }
        seen.contains(&to)
    }

    #[test]
    fn a_long_loop_needs_no_deep_stack() {
        let n = 200_000;
        let ring: Graph = (0..n).map(|it| vec![(it + 1) % n]).collect();
        assert_eq!(components(&ring).len(), 1);
    }
}
