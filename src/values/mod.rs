//! The vocabulary: each type knows its text, its SQL and its limits.
//!
//! A value that exists is valid; nothing here knows of HTTP, files or the trade's rules.

pub mod category;
mod colour;
pub mod country;
pub mod email;
pub mod host;
pub mod id;
mod image_link;
pub mod language;
pub mod link;
pub mod money;
pub mod package;
pub mod rate;
pub mod secret;
pub mod slug;
mod text;
pub mod time;
pub mod vat;
pub mod zone;

pub use category::Category;
pub use colour::Colour;
pub use email::Email;
pub use host::Host;
pub use image_link::ImageLink;
pub use language::Language;
pub use money::Money;
pub use package::{Allowance, Limits, Package, Usage};
pub use slug::Slug;
pub use text::is_plain;
pub use time::Time;

/// Gives a type that is made from and printed as text its SQL: a TEXT column.
macro_rules! text_column {
    ($name:ty) => {
        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(rusqlite::types::ToSqlOutput::from(self.as_str()))
            }
        }
        impl rusqlite::types::FromSql for $name {
            fn column_result(
                value: rusqlite::types::ValueRef<'_>,
            ) -> rusqlite::types::FromSqlResult<Self> {
                let text = value.as_str()?;
                Self::parse(text).ok_or_else(|| {
                    rusqlite::types::FromSqlError::Other(
                        format!("not a {}: {text}", stringify!($name)).into(),
                    )
                })
            }
        }
    };
}

/// An enum stored and sent as fixed letters: `ALL`, `as_str` and `parse` from one table, and its SQL.
macro_rules! letters {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The fixed text, as stored and as sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value with exactly this text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
        $crate::values::text_column!($name);
    };
}

pub(crate) use letters;
pub(crate) use text_column;
