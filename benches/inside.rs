//! Times from inside the process.
fn main() {}
