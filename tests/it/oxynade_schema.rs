//! The schema of the GraphQL door in its own language: as its golden file says, and with all that the contract's has.

use crate::oxynade_graph::Client;
use crate::support::{house_with, project};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const INTROSPECTION: &str = "{ __schema { types { kind name description
        fields(includeDeprecated: true) { name description args { ...A } type { ...T } }
        inputFields { ...A } enumValues { name description } interfaces { name } possibleTypes { name } } } }
    fragment A on __InputValue { name description defaultValue type { ...T } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or("")
}

fn list<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value[member].as_array().into_iter().flatten()
}

fn type_of(kind: &Value) -> String {
    match text(kind, "kind") {
        "NON_NULL" => format!("{}!", type_of(&kind["ofType"])),
        "LIST" => format!("[{}]", type_of(&kind["ofType"])),
        _ => text(kind, "name").to_owned(),
    }
}

fn described(value: &Value, indent: &str) -> String {
    match text(value, "description") {
        "" => String::new(),
        said => format!("{indent}\"\"\"{}\"\"\"\n", said.replace('\n', " ")),
    }
}

fn input(value: &Value) -> String {
    let mut innermost = &value["type"];
    while !innermost["ofType"].is_null() {
        innermost = &innermost["ofType"];
    }
    // The library tells values of enumerations as it tells texts.
    let plain = |default: &str| match text(innermost, "kind") {
        "ENUM" => default.trim_matches('"').to_owned(),
        _ => default.to_owned(),
    };
    let default = value["defaultValue"].as_str().map(|default| format!(" = {}", plain(default)));
    format!("{}: {}{}", text(value, "name"), type_of(&value["type"]), default.unwrap_or_default())
}

fn names(value: &Value, member: &str, between: &str) -> String {
    let all: Vec<&str> = list(value, member).map(|one| text(one, "name")).collect();
    all.join(between)
}

/// One type in the schema's own language.
fn written(kind: &Value) -> String {
    let (name, mut out) = (text(kind, "name"), described(kind, ""));
    let keyword = match text(kind, "kind") {
        "OBJECT" => "type",
        "INTERFACE" => "interface",
        "INPUT_OBJECT" => "input",
        "ENUM" => "enum",
        "SCALAR" => return out + &format!("scalar {name}\n"),
        "UNION" => {
            return out + &format!("union {name} = {}\n", names(kind, "possibleTypes", " | "));
        }
        other => panic!("{other} {name}"),
    };
    let implements = names(kind, "interfaces", " & ");
    let implements =
        if implements.is_empty() { implements } else { format!(" implements {implements}") };
    writeln!(out, "{keyword} {name}{implements} {{").unwrap();
    for field in list(kind, "fields") {
        let args: Vec<String> = list(field, "args").map(input).collect();
        let args = if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) };
        out += &described(field, "  ");
        writeln!(out, "  {}{args}: {}", text(field, "name"), type_of(&field["type"])).unwrap();
    }
    for field in list(kind, "inputFields") {
        out += &described(field, "  ");
        writeln!(out, "  {}", input(field)).unwrap();
    }
    for value in list(kind, "enumValues") {
        out += &described(value, "  ");
        writeln!(out, "  {}", text(value, "name")).unwrap();
    }
    out + "}\n"
}

fn ours() -> String {
    let house = house_with(&[("graphql_complexity", "100000000"), ("graphql_fields", "15000")]);
    let found = Client::bare(&house).ok(INTROSPECTION);
    let is_ours = |kind: &&Value| {
        let name = text(kind, "name");
        !name.starts_with("__") && !BUILT_IN.contains(&name)
    };
    let mut all: Vec<&Value> = list(&found["__schema"], "types").filter(is_ours).collect();
    all.sort_by_key(|kind| text(kind, "name"));
    all.into_iter().map(written).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_schema_is_as_its_golden_file_says() {
    let (shown, path) = (ours(), project().join("tests/golden/oxynade.graphql"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &shown).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == shown, "UPDATE_GOLDEN=1 writes it anew:\n{shown}");
}

/// A field or an argument: its arguments, its type, and what it is where it is not given.
#[derive(Debug, Default)]
struct Member {
    args: BTreeMap<String, Self>,
    kind: String,
    default: Option<String>,
}

/// A type: its keyword, what it implements, its members; values of an enumeration have no type.
#[derive(Debug, Default)]
struct Type {
    keyword: String,
    implements: Vec<String>,
    members: BTreeMap<String, Member>,
}

/// Reads the schema language, as far as these two files speak it.
struct Reader<'t>(std::iter::Peekable<std::vec::IntoIter<&'t str>>);

impl<'t> Reader<'t> {
    fn of(text: &'t str) -> Self {
        let tokens = regex::Regex::new(r#"(?s)#[^\n]*|""".*?"""|"[^"]*"|[\w.-]+|[{}()\[\]:!=|&]"#);
        let said = |token: &&str| !token.starts_with('#') && !token.starts_with("\"\"\"");
        let tokens: Vec<&str> =
            tokens.unwrap().find_iter(text).map(|found| found.as_str()).filter(said).collect();
        Self(tokens.into_iter().peekable())
    }

    fn word(&mut self) -> String {
        self.0.next().unwrap_or("").to_owned()
    }

    /// Passes over this one, where it comes next.
    fn takes(&mut self, token: &str) -> bool {
        self.0.next_if_eq(&token).is_some()
    }

    fn kind(&mut self) -> String {
        let mut kind = match self.takes("[") {
            true => {
                let inner = self.kind();
                assert!(self.takes("]"), "{inner}");
                format!("[{inner}]")
            }
            false => self.word(),
        };
        if self.takes("!") {
            kind.push('!');
        }
        kind
    }

    fn members(&mut self, end: &str) -> BTreeMap<String, Member> {
        let mut all = BTreeMap::new();
        while !self.takes(end) {
            let (name, mut member) = (self.word(), Member::default());
            if self.takes("(") {
                member.args = self.members(")");
            }
            if self.takes(":") {
                member.kind = self.kind();
            }
            if self.takes("=") {
                member.default = Some(self.word());
            }
            assert!(all.insert(name.clone(), member).is_none(), "{name} is there twice");
        }
        all
    }

    fn types(mut self) -> BTreeMap<String, Type> {
        let mut all = BTreeMap::new();
        while self.0.peek().is_some() {
            let (keyword, name) = (self.word(), self.word());
            let mut implements = vec![];
            if self.takes("implements") {
                implements.push(self.word());
                while self.takes("&") {
                    implements.push(self.word());
                }
            }
            let members = if self.takes("{") { self.members("}") } else { BTreeMap::new() };
            all.insert(name, Type { keyword, implements, members });
        }
        all
    }
}

/// What is missing of `wanted`, or is another.
fn check(at: &str, wanted: &Member, found: Option<&Member>, off: &mut Vec<String>) {
    let Some(found) = found else { return off.push(format!("{at} is not there")) };
    if wanted.kind != found.kind {
        off.push(format!("{at} is {} and not {}", found.kind, wanted.kind));
    }
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    if wanted.default != found.default
        && (number(&wanted.default) != number(&found.default) || number(&found.default).is_none())
    {
        off.push(format!("{at} is {:?} if not given, not {:?}", found.default, wanted.default));
    }
    for (name, arg) in &wanted.args {
        check(&format!("{at}({name})"), arg, found.args.get(name), off);
    }
    for (name, arg) in &found.args {
        let is_needed = arg.kind.ends_with('!') && arg.default.is_none();
        if is_needed && !wanted.args.contains_key(name) {
            off.push(format!("{at} needs {name}, which the contract does not know"));
        }
    }
}

#[test]
fn all_types_fields_and_arguments_of_the_contract_are_there_with_the_same_type() {
    let path = project().join("tests/golden/oxynade-contract.graphql");
    let contract = std::fs::read_to_string(path).unwrap();
    let (contract, ours) = (Reader::of(&contract).types(), ours());
    let ours = Reader::of(&ours).types();
    assert!(contract.len() > 50, "{}", contract.len());
    let mut off = vec![];
    // A scalar that nothing has cannot be told.
    let has = |member: &Member, name: &str| member.kind.trim_matches(['[', ']', '!']) == name;
    let is_used = |name: &str| {
        let mut all = contract.values().flat_map(|kind| kind.members.values());
        all.any(|one| has(one, name) || one.args.values().any(|arg| has(arg, name)))
    };
    let is_wanted = |(name, kind): &(&String, &Type)| kind.keyword != "scalar" || is_used(name);
    for (name, wanted) in contract.iter().filter(is_wanted) {
        let Some(found) = ours.get(name) else {
            off.push(format!("{name} is not there"));
            continue;
        };
        if wanted.keyword != found.keyword || wanted.implements != found.implements {
            off.push(format!("{name} is another thing"));
        }
        for (field, member) in &wanted.members {
            check(&format!("{name}.{field}"), member, found.members.get(field), &mut off);
        }
        for (field, member) in &found.members {
            let is_needed =
                found.keyword == "input" && member.kind.ends_with('!') && member.default.is_none();
            if is_needed && !wanted.members.contains_key(field) {
                off.push(format!("{name} needs {field}, which the contract does not know"));
            }
        }
    }
    assert!(off.is_empty(), "{}", off.join("\n"));
}
