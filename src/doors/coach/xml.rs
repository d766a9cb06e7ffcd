//! XML from strangers: elements and text, and nothing else. No document type, no entity but the five that XML has, no deep
//! nesting; what is nested in a list is text.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// How deep elements may be nested.
const DEPTH: usize = 8;

/// Elements of one document.
const ELEMENTS: usize = 20_000;

/// An element that is not closed yet.
struct Open {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
    is_nil: bool,
}

/// The members of a document's root element, by name; an error in words for the caller.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, String> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut open, mut seen): (Vec<Open>, _) = (vec![], 0);
    let mut whole = None;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof => break,
            Event::Start(start) => {
                begin(&mut open, &mut seen, &start)?;
            }
            Event::Empty(start) => {
                begin(&mut open, &mut seen, &start)?;
                end(&mut open, &mut whole)?;
            }
            Event::End(_) => end(&mut open, &mut whole)?,
            Event::Text(part) => append(&mut open, &part.xml10_content())?,
            Event::CData(part) => append(&mut open, &part.xml10_content())?,
            Event::GeneralRef(reference) => {
                let name = format!("&{};", &*reference);
                // The five that XML has and characters by their number; nothing else stands for anything.
                let plain = quick_xml::escape::unescape(&name)
                    .map_err(|_| "there is an entity that XML does not have")?;
                append(&mut open, &plain)?;
            }
            Event::DocType(_) => return Err("a document type is not read".into()),
            Event::PI(_) => return Err("instructions are not read".into()),
            Event::Decl(_) | Event::Comment(_) => {}
        }
    }
    match whole {
        Some(Value::Object(members)) if open.is_empty() => Ok(members),
        Some(Value::String(text)) if open.is_empty() && text.trim().is_empty() => Ok(Map::new()),
        _ => Err("one element with others in it is expected".into()),
    }
}

fn begin(open: &mut Vec<Open>, seen: &mut usize, start: &BytesStart<'_>) -> Result<(), String> {
    *seen += 1;
    if open.len() >= DEPTH || *seen > ELEMENTS {
        return Err("the document is too deep or too long".into());
    }
    let mut is_nil = false;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let local = attribute.key.local_name();
        is_nil |= local.as_ref() == "nil" && matches!(&*attribute.value, "true" | "1");
    }
    let name = start.local_name().as_ref().to_owned();
    open.push(Open { name, text: String::new(), children: vec![], is_nil });
    Ok(())
}

fn append(open: &mut [Open], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err("there is text outside of the document".into()),
    }
    Ok(())
}

/// Closes an element: nothing, text, an object, or for children of one name a list.
fn end(open: &mut Vec<Open>, whole: &mut Option<Value>) -> Result<(), String> {
    let Some(Open { name, text, children, is_nil }) = open.pop() else {
        return Err("an element is closed that is not open".into());
    };
    let is_list = !open.is_empty()
        && children.iter().all(|(child, value)| {
            value.is_string()
                && ["guid", "string"].iter().any(|name| child.eq_ignore_ascii_case(name))
        });
    let value = match children.is_empty() {
        _ if is_nil => Value::Null,
        true => Value::String(text),
        false if is_list => children.into_iter().map(|(_, value)| value).collect(),
        false => Value::Object(children.into_iter().collect()),
    };
    match open.last_mut() {
        Some(parent) => parent.children.push((name, value)),
        None if whole.is_some() => return Err("there is more than one document".into()),
        None => *whole = Some(value),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_become_members_and_guids_a_list() {
        let text = r#"<?xml version="1.0"?><Unit xmlns:i="x"><Name>a &amp; &#233;</Name><Managers><guid>1</guid>
            </Managers><ParentUnitId i:nil="true"/></Unit>"#;
        let members = read(text).unwrap();
        assert_eq!(members["Name"], "a & é");
        assert_eq!(members["Managers"], serde_json::json!(["1"]));
        assert_eq!(members["ParentUnitId"], Value::Null);
    }

    #[test]
    fn what_could_grow_or_reach_out_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(50), "</a>".repeat(50));
        for text in [
            r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#,
            r#"<!DOCTYPE a SYSTEM "file:///etc/passwd"><a><b>x</b></a>"#,
            "<a><b>&c;</b></a>",
            "<?php x ?><a><b>1</b></a>",
            "<a><b></a></b>",
            "<a><b>1</b></a><a><b>1</b></a>",
            "<a><b>1</b>",
            "text",
            "",
            deep.as_str(),
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
