//! Categories of tenant, and in one table what each does.

super::letters! {
    /// What a tenant is (seed 000; `T` as in the real server).
    Category {
        /// A place where things happen.
        Venue = "S",
        /// A festival.
        Festival = "F",
        /// An artist or project.
        Artist = "A",
        /// A producer: company, booking agent.
        Producer = "P",
        /// A tour manager.
        TourManager = "T",
        /// A federated agenda.
        Agenda = "M",
        /// The house itself: users, domains, cards. Exactly one.
        Root = "R",
    }
}

/// The public list that a tenant appears in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// `/api/place/`.
    Places,
    /// `/api/artist/`.
    Artists,
    /// None.
    Nowhere,
}

/// Whose events a tenant shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programme {
    /// Its own.
    Own,
    /// Those anywhere that it plays in.
    Playing,
    /// Those of all that it shows.
    All,
}

/// What a category means for a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// The list that it appears in.
    pub listing: Listing,
    /// Has products, prices and options; where not, those routes are not found.
    pub shop: bool,
    /// Shows the agenda of others.
    pub agenda: bool,
    /// Whose events it shows.
    pub programme: Programme,
    /// May be made through the command line or an API; ROOT is made by `init` alone.
    pub founded: bool,
}

impl Category {
    /// The one table of what each category does.
    #[must_use]
    pub const fn traits(self) -> Traits {
        let shop = Traits {
            listing: Listing::Nowhere,
            shop: true,
            agenda: false,
            programme: Programme::Own,
            founded: true,
        };
        match self {
            Self::Venue | Self::Festival => Traits { listing: Listing::Places, ..shop },
            Self::Artist => {
                Traits { listing: Listing::Artists, programme: Programme::Playing, ..shop }
            }
            Self::Producer | Self::TourManager => shop,
            Self::Agenda => Traits { agenda: true, programme: Programme::All, ..shop },
            Self::Root => Traits {
                listing: Listing::Nowhere,
                shop: false,
                agenda: false,
                programme: Programme::Own,
                founded: false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_does_what_the_table_says() {
        let row = |c: Category| {
            let t = c.traits();
            (c.as_str(), t.listing, t.shop, t.agenda, t.programme, t.founded)
        };
        let table: Vec<_> = Category::ALL.iter().copied().map(row).collect();
        assert_eq!(
            table,
            [
                ("S", Listing::Places, true, false, Programme::Own, true),
                ("F", Listing::Places, true, false, Programme::Own, true),
                ("A", Listing::Artists, true, false, Programme::Playing, true),
                ("P", Listing::Nowhere, true, false, Programme::Own, true),
                ("T", Listing::Nowhere, true, false, Programme::Own, true),
                ("M", Listing::Nowhere, true, true, Programme::All, true),
                ("R", Listing::Nowhere, false, false, Programme::Own, false),
            ]
        );
    }
}
