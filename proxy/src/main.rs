//! The Casebook proxy.

use std::process::ExitCode;

fn main() -> ExitCode {
    casebook_proxy::cli::main()
}
