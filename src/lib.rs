//! `fnc`: one small description of a serverless app, compiled to AWS SAM, Azure Functions or Knative,
//! and run locally.
//!
//! What flows, phase by phase (each depends on the ones above it only):
//!
//! ```text
//! Sources      --parse-->  Parsed  { file, diagnostics }            never fails
//! [ast::File]  --check-->  Checked { app: Option<model::App>, diagnostics }
//! App, Target  --build-->  Built   { artifacts, diagnostics }
//! Artifact     --write-->  disk                                     cli only
//! App          --run-->    engine inputs and actions, carried out by the runtime
//! App, tests   --run-->    the same in virtual time, and what differs from what is expected
//! ```

pub mod source;

pub mod diagnostic;

pub mod syntax;

pub mod model;

pub mod check;

pub mod target;

pub mod event;

pub mod engine;

pub mod runtime;

pub mod scenario;

pub mod cli;
