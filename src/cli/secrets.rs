//! The values of secrets for a local run: `.fnc/secrets.json` beside the program, and `--secret`.

#![expect(clippy::disallowed_methods, reason = "secrets are read from disk")]

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use clap::Args;

use super::{Failure, shown};

/// Values of secrets on the command line.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// Give a secret a value for this run; may be repeated
    #[arg(long = "secret", value_name = "NAME=VALUE", value_parser = assignment)]
    secrets: Vec<(String, String)>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as NAME=VALUE".to_owned()),
    }
}

impl SecretArgs {
    /// Returns the values that the command line gives.
    pub(crate) fn given(&self) -> impl Iterator<Item = (String, String)> {
        self.secrets.iter().cloned()
    }

    /// Returns the values by name: those of the file, and over them those of the command line.
    pub(crate) fn values(&self, program: &Path) -> Result<BTreeMap<String, String>, Failure> {
        let path = program.join(".fnc").join("secrets.json");
        let mut values: BTreeMap<String, String> = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                let path = shown(&path);
                Failure::Machine(format!(
                    "`{path}` must be a JSON object of names and strings: {error}"
                ))
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(Failure::file("read", &path)(error)),
        };
        values.extend(self.secrets.iter().cloned());
        Ok(values)
    }
}

/// Says that a secret has no value, and how to give it one.
pub(crate) fn missing(name: &str) -> Failure {
    Failure::Usage(format!(
        "the secret `{name}` has no value here; give it one with `--secret {name}=VALUE` or in .fnc/secrets.json"
    ))
}
