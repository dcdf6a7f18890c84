//! Where records are kept.

use super::{Change, Record, StoreError};

/// Keeps records, for one thread at a time.
pub trait Disk: Send {
    /// Makes changes, all or none of them; they are on disk when it returns.
    fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError>;

    /// Returns the value of a key.
    fn get(&mut self, space: &str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns all records of a space whose keys begin so, in order.
    fn scan(&mut self, space: &str, prefix: &[u8]) -> Result<Vec<Record>, StoreError>;

    /// Leaves everything in order for the next time.
    fn close(&mut self) -> Result<(), StoreError>;
}
