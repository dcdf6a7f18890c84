//! The promise that something is on disk.

use tokio::sync::watch;

use super::StoreError;

/// How far the store has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// So many writes are on disk.
    pub(super) saved: u64,
    /// Why there will be no more.
    pub(super) failed: Option<StoreError>,
}

/// Tells when something that was written is on disk.
#[derive(Debug)]
#[must_use = "nothing is promised before it is on disk"]
pub struct Saved(Option<(u64, watch::Receiver<Progress>)>);

impl Saved {
    /// Returns a promise with nothing to wait for, as where nothing is kept.
    pub fn at_once() -> Saved {
        Saved(None)
    }

    pub(super) fn after(number: u64, progress: watch::Receiver<Progress>) -> Saved {
        Saved(Some((number, progress)))
    }

    /// Waits until it is on disk, or until it is clear that it won't be.
    pub async fn wait(self) -> Result<(), StoreError> {
        let Some((number, mut progress)) = self.0 else {
            return Ok(());
        };
        let over = |it: &Progress| it.saved >= number || it.failed.is_some();
        let progress = progress.wait_for(over).await;
        match progress {
            Ok(it) if it.saved >= number => Ok(()),
            Ok(it) => Err(it.failed.clone().unwrap_or(StoreError::Closed)),
            Err(_) => Err(StoreError::Closed),
        }
    }
}
