//! The command `cloudjob`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cloudjob::cli::main()
}
