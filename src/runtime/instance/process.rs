//! The life of an instance's process: started, listened to, ended.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::super::host::{Host, Signal, Spec, Stream};
use super::super::spec::AWS_ENDPOINT;
use super::api::Api;
use super::lambda::{self, Lambda};
use super::{bootstrap, interpreter, memory};
use crate::model::{Language, Runtime};

/// How an instance is asked to end; each step goes further than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    /// Not at all.
    No,
    /// SIGTERM, and SIGKILL after a while.
    Stop,
    /// SIGKILL.
    Kill,
}

const STOP_TIME: Duration = Duration::from_secs(2);
/// How long output is awaited that others may still write to the pipes of a process that is gone.
const OUTPUT_TIME: Duration = Duration::from_millis(500);
const LONGEST_LINE: usize = 64 << 10;

/// Lives through one instance, from its start to `Exited`.
pub(super) async fn live(
    spec: Spec,
    host: Arc<dyn Host>,
    api: Arc<Api>,
    ending: watch::Receiver<Ending>,
) {
    let instance = spec.instance;
    let how = match started(&spec, &host, &api).await {
        Ok((mut child, listener)) => {
            let pid = child.id().unwrap_or(0);
            let mut connections = JoinSet::new();
            let mut output = JoinSet::new();
            if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
                output.spawn(lines(out, Stream::Out, instance, Arc::clone(&host)));
                output.spawn(lines(err, Stream::Err, instance, Arc::clone(&host)));
            }
            let how = tokio::select! {
                how = ended(&mut child, pid, spec.memory, ending) => how,
                never = api.serve(&listener, pid, &mut connections) => match never {},
            };
            // What it has started goes too, else its pipes stay open.
            end(&mut child, pid, Ending::Kill);
            let drained = async { while output.join_next().await.is_some() {} };
            let _ = tokio::time::timeout(OUTPUT_TIME, drained).await;
            output.shutdown().await;
            connections.shutdown().await;
            how
        }
        Err(why) => format!("not started: {why}"),
    };
    host.signal(instance, Signal::Exited { how });
}

async fn started(
    spec: &Spec,
    host: &Arc<dyn Host>,
    api: &Api,
) -> Result<(Child, TcpListener), String> {
    let runtime = Runtime::parse(&spec.runtime).ok_or("this runtime has no bootstrap")?;
    let found = interpreter::find(&spec.folder, runtime).await?;
    if let Some(warning) = found.warning {
        let (stream, line) = (Stream::Err, format!("warning: {warning}"));
        host.signal(spec.instance, Signal::Output { stream, line });
    }
    let said = |error: io::Error| error.to_string();
    let folder = std::path::absolute(&spec.folder).map_err(said)?;
    let bootstrap = bootstrap::written(&folder, runtime.language()).map_err(said)?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(said)?;
    let address = listener.local_addr().map_err(said)?;
    let api = format!("{address}/{}", api.token);
    let mut command = Command::new(&found.path);
    if runtime.language() == Language::Node {
        command.arg("--enable-source-maps");
    }
    command
        .arg(bootstrap)
        .current_dir(&folder)
        .env_clear()
        .envs(lambda_variables(spec, &api))
        .envs(spec.env.iter().map(|(name, value)| {
            let endpoint = format!("http://{api}/aws");
            (name, value.replace(AWS_ENDPOINT, &endpoint))
        }))
        .envs(surroundings(spec, &folder, &found.path))
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // In a group of its own it can be killed with all it has started, and Ctrl-C doesn't reach it.
    #[cfg(unix)]
    command.process_group(0);
    let child = command.spawn().map_err(said)?;
    Ok((child, listener))
}

/// Returns the variables that `contract lambda` adds; the program's `env` may say otherwise.
fn lambda_variables(spec: &Spec, api: &str) -> Vec<(&'static str, String)> {
    match Lambda::of(&spec.config) {
        Some(_) => lambda::variables(api, spec.memory).into(),
        None => Vec::new(),
    }
}

/// Returns the runtime's own variables.
fn surroundings(spec: &Spec, folder: &Path, interpreter: &Path) -> Vec<(&'static str, String)> {
    let bin = interpreter.parent().unwrap_or(Path::new("/")).display();
    let handler = spec.config.get("handler").and_then(|it| it.as_str());
    vec![
        ("PATH", format!("{bin}:/usr/local/bin:/usr/bin:/bin")),
        ("LANG", "C.UTF-8".to_owned()),
        ("TZ", "UTC".to_owned()),
        ("PYTHONUNBUFFERED", "1".to_owned()),
        ("LAMBDA_TASK_ROOT", folder.display().to_string()),
        ("_HANDLER", handler.unwrap_or("").to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", spec.function.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("FNC_CONFIG", spec.config.to_string()),
        ("FNC_CONCURRENCY", spec.concurrency.to_string()),
    ]
}

/// Waits until the process is gone, ending it when asked or when it holds too much memory, and returns
/// how it went.
async fn ended(
    child: &mut Child,
    pid: u32,
    allowed: u64,
    mut ending: watch::Receiver<Ending>,
) -> String {
    let mut deadline = None;
    let mut too_much = None;
    let mut look = interval(memory::LOOK_TIME);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let how = loop {
        let stop_time = async {
            match deadline {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            status = child.wait() => break status,
            () = stop_time => {
                deadline = None;
                end(child, pid, Ending::Kill);
            }
            _ = look.tick(), if too_much.is_none() => {
                too_much = memory::held(pid).filter(|it| *it > allowed);
                if too_much.is_some() {
                    end(child, pid, Ending::Kill);
                }
            }
            changed = ending.changed() => {
                // The instance was dropped: nobody can ask for its end any more.
                let how = if changed.is_ok() { *ending.borrow_and_update() } else { Ending::Kill };
                end(child, pid, how);
                if how == Ending::Stop {
                    deadline = Some(Instant::now() + STOP_TIME);
                }
                if changed.is_err() {
                    break child.wait().await;
                }
            }
        }
    };
    match too_much {
        Some(held) => memory::in_words(held, allowed),
        None => how.map_or_else(|it| it.to_string(), in_words),
    }
}

fn in_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    let code = status.code().map(|it| it.to_string());
    format!("exit code {}", code.unwrap_or_else(|| "unknown".to_owned()))
}

/// Signals the process and all it has started; on other systems than Unix it ends the process alone.
fn end(child: &mut Child, pid: u32, ending: Ending) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        let _ = child;
        let signal = match ending {
            Ending::No => return,
            Ending::Stop => Signal::TERM,
            Ending::Kill => Signal::KILL,
        };
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            // It fails only when nobody is left in the group.
            let _ = kill_process_group(pid, signal);
        }
    }
    #[cfg(not(unix))]
    {
        let _ = pid;
        if ending != Ending::No {
            // It fails only when the process has ended.
            let _ = child.start_kill();
        }
    }
}

/// Tells the host each line, until the stream ends; a longer line comes in pieces.
async fn lines(stream: impl AsyncRead + Unpin, which: Stream, instance: u64, host: Arc<dyn Host>) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    let tell = |line: &mut Vec<u8>| {
        let text = String::from_utf8_lossy(line)
            .trim_end_matches('\r')
            .to_owned();
        line.clear();
        host.signal(
            instance,
            Signal::Output {
                stream: which,
                line: text,
            },
        );
    };
    while let Ok(chunk) = reader.fill_buf().await {
        if chunk.is_empty() {
            break;
        }
        let end = chunk.iter().position(|it| *it == b'\n');
        let (text, _) = chunk.split_at(end.unwrap_or(chunk.len()));
        line.extend_from_slice(text);
        let used = text.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() || line.len() >= LONGEST_LINE {
            tell(&mut line);
        }
    }
    if !line.is_empty() {
        tell(&mut line);
    }
}
