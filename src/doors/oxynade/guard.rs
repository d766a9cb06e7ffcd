//! What a document may cost, counted on the document itself before anything is looked up: its bytes, how deep it goes, its
//! fields and aliases with fragments spread out, and how many rows its lists could make at the most.

use super::schema::SCHEMA;
use juniper::meta::{Field, MetaType};
use juniper::parser::parse_document_source;
use juniper::{
    DefaultScalarValue, Definition, GraphQLError, InputValue, Operation, OperationType, Selection,
    Variables,
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

/// Lists that take no limit, by how many rows they have at the most; of a schema's own lists, by how many they usually have,
/// for nothing is looked up for those. Any other is counted as long as the longest.
const FIXED: &[(&str, &str, u64)] = &[
    ("AdminQuery", "fees", 500),
    ("Distribution", "fees", 200),
    ("Event", "distributions", 200),
    // How many prices and fees there may be of one thing no limit says: these are counted as they usually are.
    ("Event", "ticketTypes", 20),
    ("Invite", "distributions", 100),
    ("Invite", "organizers", 100),
    ("Organizer", "fees", 200),
    ("PriceDetail", "fees", 10),
    ("Purchase", "payments", 10),
    ("Purchase", "tickets", 200),
    ("Query", "countries", 250),
    ("__Directive", "args", 3),
    ("__Field", "args", 3),
    ("__Schema", "directives", 5),
    ("__Schema", "types", 100),
    ("__Type", "enumValues", 4),
    ("__Type", "fields", 10),
    ("__Type", "inputFields", 4),
    ("__Type", "interfaces", 2),
    ("__Type", "possibleTypes", 4),
];

/// What is wrong with a document before it is run.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is no GraphQL.
    Unparsable(String),
    /// It asks for too much; of what.
    TooMuch(String),
}

type Meta = MetaType<DefaultScalarValue>;
/// Each with the type that it is for.
type Fragments<'d, 'a> = HashMap<&'a str, (&'a str, &'d [Selection<'a, DefaultScalarValue>])>;

struct Count<'d, 'a> {
    fragments: Fragments<'d, 'a>,
    variables: &'d Variables,
    /// What variables of the operation are that were not sent.
    defaults: HashMap<&'a str, &'d InputValue>,
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
        Definition::Fragment(one) => {
            let (of, inner) = (one.item.type_condition.item, one.item.selection_set.as_slice());
            Some((one.item.name.item, (of, inner)))
        }
        Definition::Operation(_) => None,
    });
    let fragments: Fragments<'_, '_> = fragments.collect();
    let none = HashMap::new();
    let mut count = Count { fragments, variables, defaults: none, limits, fields: 0, aliases: 0 };
    let mut kinds = vec![];
    for definition in &document {
        if let Definition::Operation(operation) = definition {
            count.defaults = defaults(&operation.item);
            let root = root(operation.item.operation_type);
            let cost = count.cost(&operation.item.selection_set, root, 1)?;
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

fn root(kind: OperationType) -> Option<&'static Meta> {
    match kind {
        OperationType::Query => Some(SCHEMA.schema.concrete_query_type()),
        OperationType::Mutation => SCHEMA.schema.concrete_mutation_type(),
        OperationType::Subscription => None,
    }
}

/// What an operation's variables are where they are not sent.
fn defaults<'d, 'a>(
    operation: &'d Operation<'a, DefaultScalarValue>,
) -> HashMap<&'a str, &'d InputValue> {
    let all = operation.variables_definition.iter().flat_map(|all| &all.item.items);
    all.filter_map(|(name, one)| Some((name.item, &one.default_value.as_ref()?.item))).collect()
}

impl<'a> Count<'_, 'a> {
    /// What these selections of a type could cost; none: of one that is not known, which is refused later.
    fn cost(
        &mut self,
        selections: &[Selection<'a, DefaultScalarValue>],
        of: Option<&'static Meta>,
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
                Selection::InlineFragment(one) => {
                    let narrowed = one.item.type_condition.as_ref().map(|name| name.item);
                    let of = narrowed.map_or(of, known);
                    self.cost(&one.item.selection_set, of, depth + 1)?
                }
                Selection::FragmentSpread(one) => {
                    match self.fragments.get(one.item.name.item).copied() {
                        Some((of, inner)) => self.cost(inner, known(of), depth + 1)?,
                        None => 0,
                    }
                }
                Selection::Field(field) => {
                    let limit = field.item.arguments.as_ref().and_then(|arguments| {
                        let mut all = arguments.item.items.iter();
                        all.find(|(key, _)| key.item == "limit").map(|(_, value)| &value.item)
                    });
                    let meta = of.and_then(|of| of.field_by_name(field.item.name.item));
                    let times = meta.map_or(1, |meta| self.rows(of, meta, limit));
                    match &field.item.selection_set {
                        Some(inner) => {
                            let of = meta.and_then(|meta| known(meta.field_type.innermost_name()));
                            let each = self.cost(inner, of, depth + 1)?;
                            each.saturating_mul(times).saturating_add(1)
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
    fn rows(
        &self,
        of: Option<&Meta>,
        field: &Field<DefaultScalarValue>,
        limit: Option<&InputValue>,
    ) -> u64 {
        let (usual, most) = (u64::from(LIST.0.unsigned_abs()), u64::from(LIST.1.unsigned_abs()));
        // Each list is a modifier more; the library's own look at that takes `[X!]!` for none.
        let kind = &field.field_type;
        if kind.modifiers().len() <= usize::from(kind.is_non_null()) {
            return 1;
        }
        if field.arguments.iter().flatten().all(|argument| argument.name != "limit") {
            let owner = of.and_then(Meta::name);
            let is_it = |(kind, name, _): &&(&str, &str, u64)| {
                field.name == *name && owner.is_some_and(|owner| owner == *kind)
            };
            return FIXED.iter().find(is_it).map_or(most, |(.., rows)| *rows);
        }
        let limit = match limit {
            Some(InputValue::Variable(name)) => {
                let default = || self.defaults.get(name.as_str()).copied();
                self.variables.get(name).or_else(default)
            }
            other => other,
        };
        match limit {
            None | Some(InputValue::Null) => usual,
            Some(InputValue::Scalar(DefaultScalarValue::Int(rows))) => {
                u64::try_from(*rows).unwrap_or(0).max(1)
            }
            Some(_) => most,
        }
    }
}

/// A type of the schema.
fn known(name: &str) -> Option<&'static Meta> {
    SCHEMA.schema.concrete_type_by_name(name)
}
