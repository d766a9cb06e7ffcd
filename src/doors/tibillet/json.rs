//! Reads JSON as the contract's server does: the last of two equal keys wins, numbers are kept as text, errors are
//! CPython's with line, column and character. Nesting is limited.

use std::borrow::Cow;
use std::fmt;

/// A JSON value as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    /// The number's own text; a valid JSON number.
    Number(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    /// A string with a lone surrogate, which no text can hold.
    Broken,
    List(Vec<Self>),
    Object(Vec<(Cow<'a, str>, Self)>),
}

/// Why a text is not JSON, in CPython's words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    what: &'static str,
    line: usize,
    column: usize,
    character: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: line {} column {} (char {})",
            self.what, self.line, self.column, self.character
        )
    }
}

/// Reads one value that is nested at most `depth` deep, and nothing behind it.
pub(super) fn read(text: &str, depth: usize) -> Result<Json<'_>, Fault> {
    let mut reader = Reader { text, at: 0 };
    reader.skip_space();
    let value = reader.value(depth)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.fault("Extra data", reader.at)) } else { Ok(value) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, what: &'static str, at: usize) -> Fault {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        Fault {
            what,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            character: before.chars().count(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, Fault> {
        let rest = &self.text[self.at..];
        for (word, value) in
            [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        for word in ["NaN", "Infinity", "-Infinity"] {
            if rest.starts_with(word) {
                return Err(self.fault("Out of range float values are not JSON compliant", self.at));
            }
        }
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'[' | b'{') if depth == 0 => Err(self.fault("Too deeply nested", self.at)),
            Some(b'[') => self.list(depth - 1),
            Some(b'{') => self.object(depth - 1),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.fault("Expecting value", self.at)),
        }
    }

    fn number(&mut self) -> Result<Json<'a>, Fault> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let from = reader.at;
            while matches!(reader.peek(), Some(b'0'..=b'9')) {
                reader.at += 1;
            }
            reader.at > from
        };
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else if !digits(self) {
            return Err(self.fault("Expecting value", start));
        }
        let whole = self.at;
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !digits(self) {
                // CPython reads the number up to here and then finds something behind it.
                self.at = whole;
                return Ok(Json::Number(&self.text[start..whole]));
            }
        }
        let mantissa = self.at;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !digits(self) {
                self.at = mantissa;
            }
        }
        Ok(Json::Number(&self.text[start..self.at]))
    }

    fn string(&mut self) -> Result<Json<'a>, Fault> {
        let start = self.at;
        self.at += 1;
        let mut owned: Option<String> = None;
        let mut broken = false;
        let mut piece = self.at;
        loop {
            match self.peek() {
                None => return Err(self.fault("Unterminated string starting at", start)),
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(&self.text[piece..self.at]);
                    match self.escape(start)? {
                        Some(c) => text.push(c),
                        None => broken = true,
                    }
                    piece = self.at;
                }
                Some(c) if c < 0x20 => {
                    return Err(self.fault("Invalid control character at", self.at));
                }
                Some(_) => self.at += 1,
            }
        }
        let tail = &self.text[piece..self.at];
        self.at += 1;
        if broken {
            return Ok(Json::Broken);
        }
        Ok(Json::Text(match owned {
            Some(mut text) => {
                text.push_str(tail);
                Cow::Owned(text)
            }
            None => Cow::Borrowed(tail),
        }))
    }

    /// Reads an escape; none is a lone surrogate.
    fn escape(&mut self, string_start: usize) -> Result<Option<char>, Fault> {
        let backslash = self.at;
        self.at += 1;
        let Some(kind) = self.peek() else {
            return Err(self.fault("Unterminated string starting at", string_start));
        };
        self.at += 1;
        let plain = match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.fault("Invalid \\escape", backslash)),
        };
        Ok(Some(plain))
    }

    fn unicode_escape(&mut self) -> Result<Option<char>, Fault> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first));
        }
        if !self.text[self.at..].starts_with("\\u") {
            return Ok(None);
        }
        let here = self.at;
        self.at += 2;
        let second = self.hex4()?;
        if !(0xdc00..0xe000).contains(&second) {
            self.at = here;
            return Ok(None);
        }
        Ok(char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)))
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(value) = digits.and_then(|d| u32::from_str_radix(d, 16).ok()) else {
            return Err(self.fault("Invalid \\uXXXX escape", self.at));
        };
        self.at += 4;
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Json<'a>, Fault> {
        self.at += 1;
        let mut items = vec![];
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            self.skip_space();
            items.push(self.value(depth)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.fault("Expecting ',' delimiter", self.at)),
            }
        }
        self.at += 1;
        Ok(Json::List(items))
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, Fault> {
        self.at += 1;
        let mut members: Vec<(Cow<'a, str>, Json<'a>)> = vec![];
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(
                    self.fault("Expecting property name enclosed in double quotes", self.at)
                );
            }
            let key = match self.string()? {
                Json::Text(key) => key,
                _ => Cow::Borrowed("\u{fffd}"),
            };
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.fault("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value(depth)?;
            members.push((key, value));
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.fault("Expecting ',' delimiter", self.at)),
            }
        }
        self.at += 1;
        Ok(Json::Object(members))
    }
}

impl Json<'_> {
    /// Python's name for the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "NoneType",
            Self::Bool(_) => "bool",
            Self::Number(text) if is_float(text) => "float",
            Self::Number(_) => "int",
            Self::Text(_) | Self::Broken => "str",
            Self::List(_) => "list",
            Self::Object(_) => "dict",
        }
    }

    /// Is it true as Python sees it?
    pub(super) fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(text) => text
                .bytes()
                .take_while(|b| !matches!(b, b'e' | b'E'))
                .any(|b| matches!(b, b'1'..=b'9')),
            Self::Text(text) => !text.is_empty(),
            Self::Broken => true,
            Self::List(items) => !items.is_empty(),
            Self::Object(members) => !members.is_empty(),
        }
    }

    /// What Python's `str()` makes of it.
    pub(super) fn as_python(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            other => other.python_repr(),
        }
    }

    fn python_repr(&self) -> String {
        match self {
            Self::Null => "None".into(),
            Self::Bool(true) => "True".into(),
            Self::Bool(false) => "False".into(),
            Self::Number(text) if is_float(text) => float_repr(text),
            Self::Number(text) => {
                if *text == "-0" {
                    "0".into()
                } else {
                    (*text).to_owned()
                }
            }
            Self::Text(text) => {
                format!(
                    "'{}'",
                    text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n")
                )
            }
            Self::Broken => "'\u{fffd}'".into(),
            Self::List(items) => {
                format!("[{}]", items.iter().map(Self::python_repr).collect::<Vec<_>>().join(", "))
            }
            Self::Object(members) => {
                let member = |(key, value): &(Cow<'_, str>, Self)| {
                    format!(
                        "{}: {}",
                        Json::Text(Cow::Borrowed(key)).python_repr(),
                        value.python_repr()
                    )
                };
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Would Python read this JSON number as a float?
pub(super) fn is_float(text: &str) -> bool {
    text.contains(['.', 'e', 'E'])
}

/// Python's `repr` of the float that a text stands for.
fn float_repr(text: &str) -> String {
    let Ok(value) = text.parse::<f64>() else { return text.to_owned() };
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        format!("{value:?}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> String {
        read(text, 64).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_json_is_refused_in_cpythons_words() {
        assert_eq!(fault(r#"{"name": }"#), "Expecting value: line 1 column 10 (char 9)");
        assert_eq!(
            fault("{"),
            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
        );
        assert_eq!(fault("{} x"), "Extra data: line 1 column 4 (char 3)");
        assert_eq!(fault("\n[1 2]"), "Expecting ',' delimiter: line 2 column 4 (char 4)");
        assert_eq!(fault(r#"{"a" 1}"#), "Expecting ':' delimiter: line 1 column 6 (char 5)");
        assert_eq!(fault(r#""é"#), "Unterminated string starting at: line 1 column 1 (char 0)");
        assert_eq!(fault("\"a\tb\""), "Invalid control character at: line 1 column 3 (char 2)");
        assert_eq!(fault(r#""\x""#), "Invalid \\escape: line 1 column 2 (char 1)");
        assert_eq!(fault(""), "Expecting value: line 1 column 1 (char 0)");
        assert!(fault("NaN").starts_with("Out of range float values"));
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&nested(64), 64).is_ok());
        assert!(read(&nested(65), 64).is_err());
        assert!(read(&"[".repeat(100_000), 64).is_err());
    }

    #[test]
    fn escapes_and_surrogates_are_read() {
        assert_eq!(read(r#""\u00c9\ud83d\ude00\n""#, 1).unwrap(), Json::Text("É😀\n".into()));
        assert_eq!(read(r#""a\ud800b""#, 1).unwrap(), Json::Broken);
        assert_eq!(read(r#""\ud800\u0041""#, 1).unwrap(), Json::Broken);
    }

    #[test]
    fn numbers_print_as_python_prints_them() {
        for (text, python) in [
            ("1.5", "1.5"),
            ("5.0", "5.0"),
            ("1E2", "100.0"),
            ("1e22", "1e+22"),
            ("1e-7", "1e-07"),
            ("42", "42"),
            ("-0", "0"),
            ("-0.0", "-0.0"),
        ] {
            assert_eq!(read(text, 1).unwrap().as_python(), python);
        }
        assert_eq!(read(r#"["x", {"a": null}]"#, 3).unwrap().as_python(), "['x', {'a': None}]");
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_agrees_with_serde_json(text in r#"[\[\]{}",:0-9eE.+\-a-z\\u ]{0,40}"#) {
            let ours = read(&text, 64);
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            if theirs.is_ok() {
                prop_assert!(ours.is_ok(), "{text}");
            }
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            drop(read(&text, 64));
        }
    }
}
