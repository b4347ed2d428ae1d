//! The `upseed` command.

mod args;
mod byline;
mod calls;
mod cleaners;
mod clients;
mod commands;
mod connect_args;
mod day_arg;
mod demo;
mod desktop;
mod failure;
mod finding;
mod install_args;
mod label_args;
mod people;
mod print;
mod process;
mod profile_args;
mod progress;
mod remote;
mod safe;
mod site_args;
mod site_folder;
mod starter_args;
mod systemd;
mod tab;
mod terminal;
mod unit;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{args::Args, failure::Failure};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() && args::wants_json(std::env::args_os()) => {
            return failed(&Failure::usage(&error), true);
        }
        // Help and the version are no failures.
        Err(error) => error.exit(),
    };
    let json = args.json;
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            return failed(&Failure::fault(format!("no threads for upseed: {error}")), json);
        }
    };
    let result = runtime.block_on(commands::run(args));
    // Requests that nobody waits for any more must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    let printed =
        || print::finish().map_err(|error| Failure::user(format!("standard output: {error}")));
    match result.and_then(|()| printed()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure, json),
    }
}

fn failed(failure: &Failure, json: bool) -> ExitCode {
    failure.print(json);
    ExitCode::from(failure.code())
}
