//! Records, and how they change.

/// Something that is kept: a key that is unique in its space, and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where in its space; records are in the order of their keys, byte by byte.
    pub key: Vec<u8>,
    /// What is kept.
    pub value: Vec<u8>,
}

/// A record that is put in the place of what was there, or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub(super) space: &'static str,
    pub(super) key: Vec<u8>,
    /// None: the record is removed.
    pub(super) value: Option<Vec<u8>>,
}

impl Change {
    /// Puts a record into a space.
    pub fn put(space: &'static str, key: impl Into<Vec<u8>>, value: Vec<u8>) -> Change {
        Change {
            space,
            key: key.into(),
            value: Some(value),
        }
    }

    /// Removes a record, if it is there.
    pub fn remove(space: &'static str, key: impl Into<Vec<u8>>) -> Change {
        Change {
            space,
            key: key.into(),
            value: None,
        }
    }
}
