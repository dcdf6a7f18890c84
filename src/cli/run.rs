//! `fnc run`: the local interpreter.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use tokio::net::TcpListener;

use super::profile::ProfileArgs;
use super::secrets::{SecretArgs, missing};
use super::{Failure, Outcome, Program, ProgramArgs, Terminal};
use crate::diagnostic::has_errors;
use crate::event::Time;
use crate::model::App;
use crate::runtime::gateway::{self, Gateway, Routes};
use crate::runtime::spec::Place;
use crate::runtime::store::{Home, Store};
use crate::runtime::{Driver, Journal, Kept, Plan, PlanError, Watch, banner};

/// How long running handlers may go on after Ctrl-C.
const DRAIN_TIME: Duration = Duration::from_secs(3);
/// How long those who were sending have to hear that nothing can be kept any more.
const TELL_TIME: Duration = Duration::from_millis(200);
/// How long killed processes may take to be gone.
const KILL_TIME: Duration = Duration::from_secs(1);

/// Run a program locally, with real processes and every limit enforced
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    program: ProgramArgs,

    /// Listen on this port; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 3000)]
    port: u16,

    /// Listen on this address; any other than 127.0.0.1 lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,

    #[command(flatten)]
    profile: ProfileArgs,

    /// Keep messages in memory only: they go when it ends
    #[arg(long)]
    ephemeral: bool,

    /// Delete the messages of earlier runs first
    #[arg(long, conflicts_with = "ephemeral")]
    fresh: bool,

    #[command(flatten)]
    secrets: SecretArgs,
}

impl Run {
    /// Runs the program until it is told to stop.
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let Some((app, folder)) = self.load(terminal)? else {
            return Ok(Outcome::Faulty);
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|it| Failure::Machine(it.to_string()))?;
        let (output, writer) = Output::new(terminal.is_quiet());
        let ran = runtime.block_on(self.serve(terminal, app, folder, output));
        // Instances are killed when they are dropped, so the processes go with the runtime.
        drop(runtime);
        let _ = writer.join();
        ran.map(|()| Outcome::Done)
    }

    /// Reads and checks the program; `None` when it has errors, which are shown.
    fn load(&self, terminal: &Terminal) -> Result<Option<(App, PathBuf)>, Failure> {
        let program = Program::load(&self.program)?;
        let checked = program.check(program.chosen_stage(&self.program));
        terminal.findings(&checked.diagnostics, &program.sources);
        if has_errors(&checked.diagnostics) {
            return Ok(None);
        }
        Ok(checked.app.map(|app| (app, program.folder)))
    }

    fn plan(&self, app: App, folder: &std::path::Path, url: &str) -> Result<Plan, Failure> {
        let secrets = self.secrets.values(folder)?;
        let place = Place {
            url,
            secrets: &secrets,
        };
        Plan::new(app, folder, place).map_err(|error| match error {
            PlanError::Secret(name) => missing(&name),
            error @ (PlanError::Engine(_) | PlanError::NotHere(..)) => {
                Failure::Usage(error.to_string())
            }
        })
    }

    async fn serve(
        &self,
        terminal: &Terminal,
        app: App,
        folder: PathBuf,
        output: Arc<Output>,
    ) -> Result<(), Failure> {
        let folder = std::path::absolute(&folder).map_err(Failure::file("find", &folder))?;
        let kept = self.kept(&folder).await?;
        let listener = self.listen()?;
        let port = listener.local_addr().map_or(self.port, |it| it.port());
        let url = match self.host {
            host if host.is_loopback() => format!("http://localhost:{port}"),
            IpAddr::V4(host) => format!("http://{host}:{port}"),
            IpAddr::V6(host) => format!("http://[{host}]:{port}"),
        };
        let plan = self.plan(app.clone(), &folder, &url)?;
        let mut stop = Stop::new().map_err(|it| Failure::Machine(it.to_string()))?;
        let mut watch = Watch::new(&folder)
            .inspect_err(|it| terminal.remark(format!("changes of files go unnoticed: {it}")))
            .ok();
        output.always(&banner(&plan, &url, now(), &kept));
        let profile = self.profile.profile();
        let driver = Driver::start(plan, profile, output.clone(), kept);
        let gateway = Gateway::new(driver.clone(), Routes::of(&app));
        let server = tokio::spawn(gateway.clone().serve(listener));
        loop {
            let files = tokio::select! {
                () = stop.asked() => break,
                error = driver.failure() => {
                    tokio::time::sleep(TELL_TIME).await;
                    driver.kill_all(KILL_TIME).await;
                    server.abort();
                    return Err(error.into());
                }
                files = changed(watch.as_mut()) => files,
            };
            self.reload(terminal, &folder, &url, &driver, &gateway, &files, &output);
        }
        output.always("stopping");
        tokio::select! {
            () = driver.drain(DRAIN_TIME) => {}
            () = stop.asked() => {}
        }
        // What is handled now is kept as it was before.
        let waiting = driver.waiting();
        let closed = driver.close();
        driver.kill_all(KILL_TIME).await;
        server.abort();
        output.always(&match (waiting, closed?) {
            (0, _) => "stopped".to_owned(),
            (n, true) => format!("stopped; {n} messages wait for the next run"),
            (n, false) => format!("stopped; {n} messages that waited are gone"),
        });
        Ok(())
    }

    /// Opens what outlives a run.
    async fn kept(&self, folder: &std::path::Path) -> Result<Kept, Failure> {
        if self.ephemeral {
            return Ok(Kept::nothing());
        }
        let home = Home::lock(folder)?;
        if self.fresh {
            home.clear()?;
        }
        Ok(Kept::of(Store::open(home)?).await?)
    }

    fn listen(&self) -> Result<TcpListener, Failure> {
        let bound = gateway::listen((self.host, self.port).into());
        bound.map_err(|error| {
            let (host, port) = (self.host, self.port);
            Failure::Machine(if error.kind() == io::ErrorKind::AddrInUse {
                format!("port {port} is in use; choose another one with `--port`")
            } else {
                format!("{host}:{port}: {error}")
            })
        })
    }

    /// Lets a changed program take over; one with errors is shown, and the last good one goes on.
    #[expect(clippy::too_many_arguments, reason = "it is called once")]
    fn reload(
        &self,
        terminal: &Terminal,
        folder: &std::path::Path,
        url: &str,
        driver: &Arc<Driver>,
        gateway: &Arc<Gateway>,
        files: &[PathBuf],
        output: &Arc<Output>,
    ) {
        let plan = match self.load(terminal) {
            Ok(Some((app, _))) => {
                let routes = Routes::of(&app);
                self.plan(app, folder, url).map(|plan| (plan, routes))
            }
            Ok(None) => {
                output.always("the program has errors; what ran before goes on");
                return;
            }
            Err(failure) => Err(failure),
        };
        match plan {
            Ok((plan, routes)) => {
                gateway.set_routes(routes);
                let renewed = driver.reload(plan, files);
                if !renewed.is_empty() {
                    output.always(&format!("reloaded {}", renewed.join(", ")));
                }
            }
            Err(failure) => {
                terminal.failure(&failure);
                output.always("what ran before goes on");
            }
        }
    }
}

/// Waits for changed files, for ever when nobody watches.
async fn changed(watch: Option<&mut Watch>) -> Vec<PathBuf> {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

/// Ctrl-C, and what service managers send.
struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> io::Result<Self> {
        Ok(Stop {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    /// Waits until the program is to stop.
    async fn asked(&mut self) {
        #[cfg(unix)]
        let terminate = self.terminate.recv();
        #[cfg(not(unix))]
        let terminate = std::future::pending::<Option<()>>();
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "schedules have a next time")]
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |it| it.as_millis());
    Time(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Lines on standard output, written by a thread of their own, so that a slow terminal slows nothing else.
struct Output {
    lines: mpsc::SyncSender<String>,
    /// Lines that were left out, because too many wait.
    lost: Arc<AtomicUsize>,
    quiet: bool,
}

/// So many lines may wait to be written.
const LINES: usize = 1 << 16;

impl Output {
    fn new(quiet: bool) -> (Arc<Self>, std::thread::JoinHandle<()>) {
        let (lines, waiting) = mpsc::sync_channel::<String>(LINES);
        let lost = Arc::new(AtomicUsize::new(0));
        let left_out = Arc::clone(&lost);
        let writer = std::thread::spawn(move || {
            while let Ok(first) = waiting.recv() {
                let mut text = first;
                text.push('\n');
                // Many lines are written at once.
                for line in waiting.try_iter().take(1000) {
                    text.push_str(&line);
                    text.push('\n');
                }
                let lost = left_out.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    let _ = writeln!(text, "{lost} lines are left out");
                }
                // A reader that has gone away is no reason to stop.
                let _ = io::stdout().write_all(text.as_bytes());
                let _ = io::stdout().flush();
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        (Arc::new(Output { lines, lost, quiet }), writer)
    }

    /// Takes a line that is shown in any case.
    fn always(&self, line: &str) {
        if self.lines.try_send(line.to_owned()).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Journal for Output {
    fn line(&self, line: &str) {
        if !self.quiet {
            self.always(line);
        }
    }
}
