//! All tests of whole requests, files and processes, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails, and says where")]

mod answers;
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
mod localstripe;
mod mail;
mod media;
mod migrations;
mod openapi;
mod options;
mod places;
mod prices;
mod process;
mod products;
mod routes;
mod sales;
mod smtp;
mod smtp_server;
mod sockets;
mod stripe;
mod stripe_peer;
mod support;
mod tidy;
mod tokens;
