//! How the checker asks about handler files without reading the disk itself.

/// The user's handler files, by path relative to the program's folder with `/` between folders.
pub trait HandlerFiles {
    /// Returns the text of a file; `None` when there is no such file.
    fn read(&self, path: &str) -> Option<String>;

    /// Returns the names of the files in a folder, for suggestions; empty when there is no such folder.
    fn list(&self, folder: &str) -> Vec<String>;

    /// Tells whether there is such a folder; one without files of its own may hold other folders.
    fn has_folder(&self, folder: &str) -> bool {
        !self.list(folder).is_empty()
    }
}
