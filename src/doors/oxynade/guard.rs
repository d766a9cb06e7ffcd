//! What a document may cost, counted on the document itself before anything is looked up: its bytes, how deep it goes, its
//! fields and aliases with fragments spread out, and how many rows its lists could make at the most.

use super::schema::SCHEMA;
use juniper::parser::parse_document_source;
use juniper::{
    DefaultScalarValue, Definition, GraphQLError, InputValue, OperationType, Selection, Variables,
};
use std::collections::HashMap;

/// The most that one document may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of its text.
    pub bytes: usize,
    /// Selections within selections.
    pub depth: usize,
    /// Fields and fragments, those of a fragment once for each place that it is spread at.
    pub fields: usize,
    /// Fields under another name.
    pub aliases: usize,
    /// Values that could be answered, lists counted as long as they may be.
    pub complexity: u64,
}

/// Rows of a list that names no limit, and the most that one may name.
pub(super) const LIST: (i32, i32) = (50, 500);

/// Lists that name no limit, by how many rows they are counted with.
const LISTS: &[(&str, u64)] = &[
    ("events", 50),
    ("organizers", 50),
    ("organizations", 50),
    ("customers", 50),
    ("purchases", 50),
    ("teamMembers", 50),
    ("operators", 50),
    ("invites", 50),
    ("countries", 250),
    ("ticketTypes", 10),
    ("distributions", 10),
    ("mutualOrganizers", 10),
    ("mutualDistributions", 10),
    ("sale", 10),
    ("configuration", 10),
    ("fees", 10),
    ("tickets", 20),
    ("payments", 2),
    ("types", 100),
    ("fields", 10),
    ("inputFields", 4),
    ("enumValues", 4),
    ("possibleTypes", 4),
    ("interfaces", 2),
    ("args", 3),
    ("directives", 5),
];

/// What is wrong with a document before it is run.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is no GraphQL.
    Unparsable(String),
    /// It asks for too much; of what.
    TooMuch(String),
}

type Fragments<'d, 'a> = HashMap<&'a str, &'d [Selection<'a, DefaultScalarValue>]>;

struct Count<'d, 'a> {
    fragments: Fragments<'d, 'a>,
    variables: &'d Variables,
    limits: Limits,
    fields: usize,
    aliases: usize,
}

/// Counts every operation of a document.
pub(super) fn check(
    text: &str,
    variables: &Variables,
    limits: Limits,
) -> Result<Vec<OperationType>, Refused> {
    if text.len() > limits.bytes {
        return Err(Refused::TooMuch(format!("the document has more than {} bytes", limits.bytes)));
    }
    let document = parse_document_source(text, &SCHEMA.schema).map_err(|error| {
        let error = GraphQLError::ParseError(error);
        match error.to_string() {
            text if text.contains("imit") => Refused::TooMuch(text),
            text => Refused::Unparsable(text),
        }
    })?;
    let fragments = document.iter().filter_map(|definition| match definition {
        Definition::Fragment(one) => Some((one.item.name.item, one.item.selection_set.as_slice())),
        Definition::Operation(_) => None,
    });
    let fragments: Fragments<'_, '_> = fragments.collect();
    let mut count = Count { fragments, variables, limits, fields: 0, aliases: 0 };
    let mut kinds = vec![];
    for definition in &document {
        if let Definition::Operation(operation) = definition {
            let cost = count.cost(&operation.item.selection_set, 1)?;
            if cost > limits.complexity {
                let most = limits.complexity;
                let what = format!(
                    "the document could be answered with {cost} values: {most} are the most"
                );
                return Err(Refused::TooMuch(what));
            }
            kinds.push(operation.item.operation_type);
        }
    }
    Ok(kinds)
}

impl<'a> Count<'_, 'a> {
    fn cost(
        &mut self,
        selections: &[Selection<'a, DefaultScalarValue>],
        depth: usize,
    ) -> Result<u64, Refused> {
        if depth > self.limits.depth {
            let most = self.limits.depth;
            return Err(Refused::TooMuch(format!("the document is more than {most} levels deep")));
        }
        let mut sum = 0_u64;
        for selection in selections {
            // A spread counts as what it spreads does: documents of spreads alone grow without an end, too.
            let has_alias = matches!(selection, Selection::Field(one) if one.item.alias.is_some());
            self.count_one(has_alias)?;
            let cost = match selection {
                Selection::InlineFragment(one) => self.cost(&one.item.selection_set, depth + 1)?,
                Selection::FragmentSpread(one) => {
                    match self.fragments.get(one.item.name.item).copied() {
                        Some(inner) => self.cost(inner, depth + 1)?,
                        None => 0,
                    }
                }
                Selection::Field(field) => {
                    let named = |name: &str| {
                        let arguments = field.item.arguments.as_ref()?;
                        let mut all = arguments.item.items.iter();
                        all.find(|(key, _)| key.item == name).map(|(_, value)| &value.item)
                    };
                    let times = self.rows(field.item.name.item, named("limit"));
                    match &field.item.selection_set {
                        Some(inner) => {
                            self.cost(inner, depth + 1)?.saturating_mul(times).saturating_add(1)
                        }
                        None => 1,
                    }
                }
            };
            sum = sum.saturating_add(cost);
        }
        Ok(sum)
    }

    fn count_one(&mut self, has_alias: bool) -> Result<(), Refused> {
        self.fields += 1;
        self.aliases += usize::from(has_alias);
        let Limits { fields, aliases, .. } = self.limits;
        if self.fields > fields {
            return Err(Refused::TooMuch(format!("the document has more than {fields} fields")));
        }
        if self.aliases > aliases {
            return Err(Refused::TooMuch(format!("the document has more than {aliases} aliases")));
        }
        Ok(())
    }

    /// How many rows a field could have.
    fn rows(&self, name: &str, limit: Option<&InputValue>) -> u64 {
        let listed = LISTS.iter().find(|(list, _)| *list == name).map(|(_, rows)| *rows);
        let limit = match limit {
            Some(InputValue::Variable(name)) => self.variables.get(name),
            other => other,
        };
        match limit {
            Some(InputValue::Scalar(DefaultScalarValue::Int(rows))) => {
                u64::try_from(*rows).unwrap_or(0).max(1)
            }
            _ => listed.unwrap_or(1),
        }
    }
}
