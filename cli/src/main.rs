//! The `upseed` command.

mod args;
mod clients;
mod commands;
mod demo;
mod failure;
mod print;
mod progress;
mod remote;
mod tab;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{args::Args, failure::Failure};

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            print::err(&format!("error: no threads for upseed: {error}"));
            return ExitCode::from(failure::FAULT);
        }
    };
    let json = args.json;
    let result = runtime.block_on(commands::run(args));
    // Requests that nobody waits for any more must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result.and_then(|()| print::finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(json);
            ExitCode::from(failure.code())
        }
    }
}

type Done = Result<(), Failure>;
