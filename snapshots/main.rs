//! The integration tests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

mod aws;
mod azure;
mod azure_buckets;
mod azure_grouping;
mod azure_program;
mod azure_resources;
mod azure_streams;
mod azure_tables;
mod azure_words;
mod build;
mod causes;
mod cli;
mod dropped;
mod engine;
mod errors;
mod examples;
mod filters;
mod fmt;
mod generate;
mod good;
mod harness;
mod invoke;
mod knative;
mod mutants;
mod pages;
mod planted;
mod programs;
mod readme;
mod run;
mod scenarios;
mod simulations;
mod syntax;
mod tidy;
mod vectors;
