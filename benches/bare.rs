//! The yardstick.
fn main() {}
