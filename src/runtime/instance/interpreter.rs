//! Which interpreter runs a function: the program's own virtual environment, the exact version on the
//! PATH, else another version, with a warning.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use tokio::process::Command;
use tokio::sync::Mutex;

use crate::model::{Language, Runtime};

/// An interpreter that was found.
#[derive(Debug, Clone)]
pub(super) struct Interpreter {
    /// The program itself, not a launcher in front of it.
    pub(super) path: PathBuf,
    /// What to tell the user, once, when it isn't the version that the program names.
    pub(super) warning: Option<String>,
}

type Known = HashMap<(PathBuf, &'static str), Interpreter>;
static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// Returns the interpreter for a runtime; `Err` says what was looked for.
pub(super) async fn find(program: &Path, runtime: Runtime) -> Result<Interpreter, String> {
    let key = (program.to_owned(), runtime.word());
    // Held while looking, so that many instances starting at once look once.
    let mut known = KNOWN.lock().await;
    if let Some(found) = known.get(&key) {
        let warning = None;
        return Ok(Interpreter {
            warning,
            ..found.clone()
        });
    }
    let found = look(program, runtime).await?;
    known.insert(key, found.clone());
    Ok(found)
}

async fn look(program: &Path, runtime: Runtime) -> Result<Interpreter, String> {
    let own = if cfg!(windows) {
        ".venv/Scripts/python.exe"
    } else {
        ".venv/bin/python"
    };
    let (candidates, question): (Vec<PathBuf>, [&str; 2]) = match runtime.language() {
        Language::Python => (
            vec![
                program.join(own),
                runtime.word().into(),
                "python3".into(),
                "python".into(),
            ],
            [
                "-c",
                "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])",
            ],
        ),
        Language::Other => {
            return Err(format!(
                "functions with `runtime {runtime}` don't run locally yet"
            ));
        }
        Language::Node => (
            vec!["node".into(), "nodejs".into()],
            [
                "-p",
                "process.execPath + '\\n' + process.versions.node.split('.')[0]",
            ],
        ),
    };
    for candidate in &candidates {
        let asked = Command::new(candidate)
            .args(question)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output();
        let Ok(output) = asked.await else { continue };
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let (Some(path), Some(version)) = (lines.next(), lines.next()) else {
            continue;
        };
        let wanted = runtime.version();
        let warning = (version != wanted).then(|| {
            format!("{runtime} is not installed: {path} (version {version}) runs instead")
        });
        let path = PathBuf::from(path);
        return Ok(Interpreter { path, warning });
    }
    let names: Vec<String> = candidates
        .iter()
        .map(|it| it.display().to_string())
        .collect();
    Err(format!(
        "{runtime} not found (looked for {})",
        names.join(", ")
    ))
}
