//! Writes wire shapes as JSON text, byte for byte as serde_json does and in half its time: the names of fields are
//! constants of ours, which nobody need search for what must be escaped, and a text that holds nothing of the kind is
//! moved at once.
//!
//! What is rare is left to serde_json: numbers, texts with something to escape, and whole shapes with enums that
//! hold values.

use super::wire::AMOUNT;
use crate::values::Money;
use serde::ser::{Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct};
use serde::ser::{Serialize, SerializeTuple, Serializer};
use serde_json::{Error, Result};

/// `value` as JSON, with room for about so many bytes: a long text would be moved each time that its room is doubled.
pub(super) fn written(value: &(impl Serialize + ?Sized), about: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(about);
    if value.serialize(&mut Text { out: &mut out, is_amount: false }).is_ok() {
        return out;
    }
    // Writing into memory fails only for maps with keys that are no text; there are none.
    serde_json::to_vec(value).unwrap_or_default()
}

struct Text<'a> {
    out: &'a mut Vec<u8>,
    /// What comes is an amount, in minor units.
    is_amount: bool,
}

/// A list or an object whose end is still to come.
struct Open<'a, 'b> {
    text: &'b mut Text<'a>,
    is_empty: bool,
    end: u8,
}

impl<'a> Text<'a> {
    fn leave(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        serde_json::to_writer(&mut *self.out, value)
    }

    fn open<'b>(&'b mut self, start: u8, end: u8) -> Open<'a, 'b> {
        self.out.push(start);
        Open { text: self, is_empty: true, end }
    }

    fn put(&mut self, text: &[u8]) -> Result<()> {
        self.out.extend_from_slice(text);
        Ok(())
    }
}

fn unwritten<T>() -> Result<T> {
    Err(Error::custom("left to serde_json"))
}

impl Open<'_, '_> {
    fn next(&mut self) {
        if !self.is_empty {
            self.text.out.push(b',');
        }
        self.is_empty = false;
    }

    fn one(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.next();
        value.serialize(&mut *self.text)
    }

    fn close(self) -> Result<()> {
        self.text.out.push(self.end);
        Ok(())
    }
}

macro_rules! left {
    ($($name:ident $kind:ty),+ $(,)?) => {
        $(fn $name(self, value: $kind) -> Result<()> { self.leave(&value) })+
    };
}

type Never = Impossible<(), Error>;

impl<'a, 'b> Serializer for &'b mut Text<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'a, 'b>;
    type SerializeTuple = Open<'a, 'b>;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Open<'a, 'b>;
    type SerializeStruct = Open<'a, 'b>;
    type SerializeStructVariant = Never;

    left! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_u8 u8, serialize_u16 u16,
        serialize_u32 u32, serialize_u64 u64, serialize_f32 f32, serialize_f64 f64, serialize_char char,
        serialize_bytes &[u8],
    }

    fn is_human_readable(&self) -> bool {
        !self.is_amount
    }

    fn serialize_i64(self, value: i64) -> Result<()> {
        if !self.is_amount {
            return self.leave(&value);
        }
        self.put(Money(value).text(&mut [0; 24]).as_bytes())
    }

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.put(if value { b"true" } else { b"false" })
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        let is_escaped = |byte: &u8| (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\');
        // To the end whatever comes, so that many bytes are looked at in one step.
        if value.as_bytes().iter().fold(false, |any, byte| any | is_escaped(byte)) {
            return self.leave(value);
        }
        self.out.reserve(value.len() + 2);
        self.out.push(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.push(b'"');
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.put(b"null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.put(b"null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.put(b"null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<()> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        let is_amount = name == AMOUNT;
        value.serialize(&mut Text { out: self.out, is_amount })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<()> {
        unwritten()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'a, 'b>> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'a, 'b>> {
        Ok(self.open(b'[', b']'))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never> {
        unwritten()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never> {
        unwritten()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'a, 'b>> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'a, 'b>> {
        Ok(self.open(b'{', b'}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Never> {
        unwritten()
    }
}

impl SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.one(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl SerializeTuple for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.one(value)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl SerializeMap for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.next();
        let from = self.text.out.len();
        key.serialize(&mut *self.text)?;
        if self.text.out.get(from) == Some(&b'"') { Ok(()) } else { unwritten() }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.text.out.push(b':');
        value.serialize(&mut *self.text)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

impl SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.next();
        self.text.out.reserve(name.len() + 3);
        self.text.out.push(b'"');
        self.text.out.extend_from_slice(name.as_bytes());
        self.text.out.extend_from_slice(b"\":");
        value.serialize(&mut *self.text)
    }

    fn end(self) -> Result<()> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::Amount;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(serde::Serialize)]
    enum Kind {
        Plain,
        Holding(i32),
    }

    #[derive(serde::Serialize)]
    struct Shape<'a> {
        text: &'a str,
        number: i64,
        none: Option<u8>,
        some: Option<u16>,
        right: bool,
        amount: Amount,
        list: Vec<Amount>,
        empty: [u8; 0],
        pair: (u8, char),
        map: BTreeMap<&'a str, Option<&'a str>>,
        kind: Kind,
    }

    fn shape(text: &str, number: i64, kind: Kind) -> Shape<'_> {
        let map = BTreeMap::from([(text, None), ("b", Some(text))]);
        let list = vec![Amount(Money(0)), Amount(Money(-number.saturating_abs()))];
        let (amount, pair, right) = (Amount(Money(number)), (7, '\n'), number % 2 == 0);
        Shape {
            text,
            number,
            none: None,
            some: Some(3),
            right,
            amount,
            list,
            empty: [],
            pair,
            map,
            kind,
        }
    }

    #[test]
    fn what_it_cannot_write_is_written_by_serde_json() {
        let holding = shape("é", 1250, Kind::Holding(5));
        assert_eq!(written(&holding, 0), serde_json::to_vec(&holding).unwrap());
        let numbered = BTreeMap::from([(1, "a"), (2, "b")]);
        assert_eq!(written(&numbered, 0), br#"{"1":"a","2":"b"}"#);
    }

    proptest! {
        #[test]
        fn every_shape_is_written_as_serde_json_writes_it(text in ".{0,40}|[ -~\u{0}-\u{1f}\"\\\\]{0,40}", number: i64) {
            let shape = shape(&text, number, Kind::Plain);
            prop_assert_eq!(written(&shape, 16), serde_json::to_vec(&shape).unwrap());
        }
    }
}
