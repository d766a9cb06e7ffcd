//! All tests of whole requests, files and processes, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, and says where")]

mod answers;
mod fuzz;
mod golden;
mod hosts;
mod keys;
mod media;
mod openapi;
mod options;
mod places;
mod prices;
mod products;
mod routes;
mod support;
mod tidy;
mod tokens;
