//! Ids that leave a file: UUIDs, one type for each kind of thing.
//!
//! Version 7 sorts by creation; version 4 where the id is a bearer's secret or must not be linked.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::fmt;
use uuid::Uuid;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $make:ident, $age:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl $name {
            #[doc = $age]
            #[must_use]
            #[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
            pub fn new() -> Self {
                Self(Uuid::$make())
            }
        }
        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.0.as_bytes().as_slice()))
            }
        }
        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Uuid::column_result(value).map(Self)
            }
        }
    };
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        id_type!($(#[$doc])* $name, now_v7, "A new id, later than those before it.");
    };
}

macro_rules! secret_id {
    ($(#[$doc:meta])* $name:ident) => {
        id_type!($(#[$doc])* $name, new_v4, "A new id that nobody can guess or link.");
    };
}

id!(/** An organization: who owns the customers. */ OrganizationId);
id!(/** An account: one person or device in one organization. */ AccountId);
id!(/** A tenant; also the name of its file. */ TenantId);
id!(/** A channel of sale. */ DistributionId);
id!(/** An API key (its public id, not its secret). */ KeyId);
id!(/** A product. */ ProductId);
id!(/** A price of a product. */ PriceId);
id!(/** An option offered with an event. */ OptionId);
id!(/** A mail that waits. */ MailId);
id!(/** An event. */ EventId);
id!(/** A line of an order. */ LineId);
id!(/** A membership of one person. */ MembershipId);
id!(/** A refund. */ RefundId);
id!(/** A server that is told of what happens. */ HookId);
id!(/** Something that it is told. */ DeliveryId);
id!(/** A promotion. */ PromotionId);
id!(/** A refund on its way through Stripe. */ StripeRefundId);
id!(/** A fee. */ FeeId);
id!(/** Somebody's wish on a waiting list. */ WaitingId);
secret_id!(/** An NFC card; its QR shows it. */ CardId);
id!(/** A unit of a tenant's own structure. */ UnitId);
id!(/** A team in a unit. */ TeamId);
id!(/** A package that a tenant has. */ PackageId);
id!(/** What a tenant has got of the house. */ PurchaseId);
id!(/** By what a tenant pays the house. */ PaymentConnectionId);
secret_id!(/** An order; who knows it may look at it. */ OrderId);
secret_id!(/** A reservation; who knows it may look at it. */ BookingId);
secret_id!(/** A ticket; who shows it is let in. */ TicketId);
secret_id!(/** Work that is done beside requests. */ JobId);
secret_id!(/** A payment; who knows it may ask how it stands. */ PaymentId);

/// A random id that nobody can guess or link: version 4.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
pub fn random() -> Uuid {
    Uuid::new_v4()
}
