//! All tests of whole requests, files and processes, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, and says where")]

mod answers;
mod cancelling;
mod commands;
mod crash;
mod crash_sales;
mod directory;
mod door;
mod events;
mod file;
mod fuzz;
mod golden;
mod hosts;
mod keys;
mod me;
mod media;
mod members;
mod migrations;
mod offline;
mod openapi;
mod options;
mod places;
mod prices;
mod process;
mod products;
mod refunds;
mod routes;
mod sales;
mod settings;
mod sockets;
mod support;
mod tidy;
mod tokens;
