//! All tests of whole requests, files and processes, in one binary.

mod commands;
mod crash;
mod directory;
mod file;
mod migrations;
mod process;
mod sockets;
