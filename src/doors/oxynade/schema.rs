//! The schema, made once.

use super::ctx::Ctx;
use super::mutation::Mutation;
use super::query::Query;
use juniper::{EmptySubscription, RootNode};
use std::sync::LazyLock;

pub(super) type Schema = RootNode<Query, Mutation, EmptySubscription<Ctx>>;

pub(super) static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::new(Query, Mutation, EmptySubscription::new()));
