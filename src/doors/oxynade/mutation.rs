//! The roots of mutations: tokens, log-ins, and the doors to what each kind of caller may do.

use super::buying::{CustomerMutation, DistributionMutation, PurchaseMutation};
use super::ctx::{Ctx, Fault, Told};
use super::people::{Customer, Operator};
use super::purchase::Purchase;
use super::running::{self, AdminMutation, RegisterInput};
use super::scalars::Moment;
use super::working::OperatorMutation;
use crate::error::Error;
use crate::root::Account;
use crate::trade::order;
use juniper::{DefaultScalarValue, GraphQLObject, graphql_object};

/// The roots of mutations.
pub(super) struct Mutation;

/// What is sent with each request, as `Authorization: Bearer`.
#[derive(GraphQLObject)]
#[graphql(context = Ctx, scalar = DefaultScalarValue)]
pub(super) struct AccessToken {
    token: String,
    /// Moves with its use.
    expires_at: Moment,
}

#[graphql_object(context = Ctx, scalar = DefaultScalarValue)]
impl Mutation {
    /// A token that stands for nobody yet; log-ins and purchases sign it.
    fn create_access_token(context: &Ctx) -> Told<AccessToken> {
        context.ask()?;
        let (token, session) = context.open()?;
        Ok(AccessToken { token, expires_at: Moment(session.expires) })
    }
    /// Signs the token with an operator.
    fn operator_login(context: &Ctx, email: String, password: String) -> Told<Operator> {
        context.visit().ok_or(Fault(Error::Unauthenticated))?;
        let people = context.network.operators();
        let account = context.log_in(&people, (&email, &password), |_| true)?;
        context.sign_operator(&account)?;
        Ok(Operator(account))
    }
    /// Signs the token with a customer of the organization that this channel's organizer belongs to.
    fn customer_login(
        context: &Ctx,
        distribution_id: i32,
        email: String,
        password: String,
    ) -> Told<Customer> {
        context.visit().ok_or(Fault(Error::Unauthenticated))?;
        let shop = context.network.front(i64::from(distribution_id))?.ok_or(Error::NotFound)?;
        let people = context.network.customers(&shop);
        let organization = shop.organizer.organization;
        let is_theirs = |account: &Account| account.organization == organization;
        let account = context.log_in(&people, (&email, &password), is_theirs)?;
        context.sign_customer(&account)?;
        Ok(Customer::of(account))
    }
    /// The token stands for nobody from now on.
    fn logout(context: &Ctx) -> Told<bool> {
        context.sign_nobody()?;
        Ok(true)
    }
    /// Makes an operator and an organizer of his, where the platform lets.
    fn register(context: &Ctx, input: RegisterInput) -> Told<Operator> {
        context.ask()?;
        running::register(context, &input).map(Operator)
    }
    /// Accepts an invitation by the token of its letter.
    fn accept_invite(
        context: &Ctx,
        token: String,
        password: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
    ) -> Told<Operator> {
        context.ask()?;
        let names = (first_name.as_deref(), last_name.as_deref());
        let password = password.as_deref();
        let account = context.network.accept_invite(&token, password, names, order::prove)?;
        Ok(Operator(account))
    }
    /// What anybody may do at a channel.
    fn distribution(context: &Ctx, id: i32) -> Told<DistributionMutation> {
        let shop = context.network.front(i64::from(id))?.ok_or(Error::NotFound)?;
        Ok(DistributionMutation { shop })
    }
    /// The purchase that the token is signed with.
    fn purchase(context: &Ctx) -> Told<PurchaseMutation> {
        Ok(PurchaseMutation { purchase: Purchase::signed(context)? })
    }
    /// The customer that the token is signed with.
    fn customer(context: &Ctx) -> Told<CustomerMutation> {
        Ok(CustomerMutation { account: context.customer()? })
    }
    /// The operator that the token is signed with.
    fn operator(context: &Ctx) -> Told<OperatorMutation> {
        context.operator()?;
        Ok(OperatorMutation)
    }
    /// The whole house, for an admin.
    fn admin(context: &Ctx) -> Told<AdminMutation> {
        context.network.admin(&context.operator()?)?;
        Ok(AdminMutation)
    }
}
