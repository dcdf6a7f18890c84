//! What a declared name stands for.

/// What a name of functions and resources stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// A queue.
    Queue,
    /// A topic.
    Topic,
    /// A stream.
    Stream,
    /// A bucket.
    Bucket,
    /// A table.
    Table,
    /// A bus.
    Bus,
    /// Shared code.
    Layer,
    /// A private network.
    Vpc,
    /// A function.
    Function,
}

impl Thing {
    /// Returns the word that declares it.
    pub fn word(self) -> &'static str {
        match self {
            Thing::Queue => "queue",
            Thing::Topic => "topic",
            Thing::Stream => "stream",
            Thing::Bucket => "bucket",
            Thing::Table => "table",
            Thing::Bus => "bus",
            Thing::Layer => "layer",
            Thing::Vpc => "vpc",
            Thing::Function => "function",
        }
    }
}
