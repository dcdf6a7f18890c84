//! What goes into a build folder: the user's files to pack, and the files written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

/// One file of a build folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its path in the build folder, with `/` between folders.
    pub path: String,
    /// Its bytes.
    pub contents: Cow<'static, [u8]>,
    /// Whether it is to be executable.
    pub executable: bool,
}

impl Artifact {
    /// Returns a plain file.
    pub fn new(path: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        Artifact {
            path: path.into(),
            contents: Cow::Owned(contents.into()),
            executable: false,
        }
    }

    /// Returns a plain file whose text is part of the compiler.
    pub fn fixed(path: impl Into<String>, text: &'static str) -> Self {
        Artifact {
            path: path.into(),
            contents: Cow::Borrowed(text.as_bytes()),
            executable: false,
        }
    }
}

/// The user's files that are packed with the functions: every handler's folder whole (but for dot files, `build`,
/// `node_modules` and `__pycache__`), and the `requirements.txt` and `package.json` beside the program.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Contents by path, relative to the program's folder, with `/` between folders.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The files of layers, by path in the same way: all of them but dot files and `__pycache__`.
    pub layers: BTreeMap<String, LayerFile>,
}

/// A file of a layer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerFile {
    /// Its bytes.
    pub contents: Vec<u8>,
    /// Whether it may be executed.
    pub executable: bool,
}

impl Package {
    /// Returns the files below a handler's folder, in order; the empty folder is the program's own.
    pub fn folder<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let prefix = match folder {
            "" => String::new(),
            _ => format!("{folder}/"),
        };
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let files = self.files.range::<str, _>(from);
        let files = files.map(|(path, contents)| (path.as_str(), contents.as_slice()));
        files.take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// Returns the files of a layer's folder by their paths in it, in order; the empty folder is the program's own.
    pub fn layer<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a LayerFile)> {
        let prefix = match folder {
            "" => String::new(),
            _ => format!("{folder}/"),
        };
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let files = self.layers.range::<str, _>(from);
        files.map_while(move |(path, file)| Some((path.strip_prefix(&prefix)?, file)))
    }

    /// Returns a manifest such as `requirements.txt`: the one in the handler's folder, else the one beside the program.
    pub fn manifest(&self, folder: &str, name: &str) -> Option<&[u8]> {
        let own = self.files.get(&format!("{folder}/{name}"));
        own.or_else(|| self.files.get(name)).map(Vec::as_slice)
    }
}
