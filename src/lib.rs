//! guichet: the box office of a small venue, or of fifty.
//!
//! A request comes in through `serve`, is logged by `app`, finds its route in `doors`, and is answered by a handler
//! that parses, runs one transaction of the `trade` on a tenant's file, and renders. `root` opens files and says who
//! may ask for what; `values` is the vocabulary. Imports go one way:
//! `values ← error ← root ← trade ← cashier ← doors ← app ← {serve, jobs, cli}`.

pub mod app;
pub mod cashier;
pub mod cli;
pub mod config;
pub mod doors;
pub mod error;
pub mod fetch;
pub mod jobs;
pub mod mail;
pub mod ops;
pub mod paper;
pub mod picture;
pub mod root;
pub mod serve;
pub mod stripe;
pub mod trade;
pub mod values;
