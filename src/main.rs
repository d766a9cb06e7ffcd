//! Arguments to verb.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Answers are made on many threads at once and freed on others, which the system's allocator does slowly.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    guichet::cli::run()
}
