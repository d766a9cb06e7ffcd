//! What a tenant may use of the house: packages, what is counted, and how much of it each package gives.

super::letters! {
    /// A package, the best last.
    Package {
        /// What everybody has.
        Free = "tenant_free",
        /// The first that is bought.
        Basic = "tenant_basic",
        /// Better.
        Premium = "tenant_premium",
        /// Best.
        Enterprise = "tenant_enterprise",
    }
}

super::letters! {
    /// What is counted of a tenant's use.
    Usage {
        /// Products.
        Products = "uploadProduct",
        /// Catalogues of its own.
        Catalogues = "catalogs",
        /// Events.
        Events = "events",
        /// Tickets sold or held in this month.
        Tickets = "tickets",
        /// People who are connected with it.
        Users = "users",
        /// The size of its file, in MiB.
        Storage = "storage",
    }
}

/// How much one tenant may use; what is not limited has no number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance([Option<u32>; Usage::ALL.len()]);

impl Allowance {
    /// The most of this.
    #[must_use]
    pub fn most(&self, usage: Usage) -> Option<u64> {
        self.0[usage as usize].map(u64::from)
    }
}

/// How much each package gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits([Allowance; Package::ALL.len()]);

impl Limits {
    /// Limits what a package gives.
    pub fn set(&mut self, package: Package, usage: Usage, most: u32) {
        self.0[package as usize].0[usage as usize] = Some(most);
    }

    /// What the best of these packages gives.
    #[must_use]
    pub fn of(&self, packages: &[Package]) -> Allowance {
        let best = packages.iter().map(|package| *package as usize).max();
        self.0[best.unwrap_or(Package::Free as usize)]
    }

    /// Is nothing limited?
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_package_says_how_much_may_be_used() {
        let mut limits = Limits::default();
        assert!(limits.is_none());
        limits.set(Package::Free, Usage::Products, 5);
        limits.set(Package::Basic, Usage::Products, 50);
        assert_eq!(limits.of(&[]).most(Usage::Products), Some(5));
        assert_eq!(limits.of(&[Package::Basic, Package::Free]).most(Usage::Products), Some(50));
        assert_eq!(limits.of(&[Package::Premium]).most(Usage::Products), None);
        assert_eq!(limits.of(&[Package::Free]).most(Usage::Events), None);
    }
}
