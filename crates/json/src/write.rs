//! From a value of any type to a text, by way of serde.

use std::fmt::Write as _;

use serde::{Serialize, ser};

use crate::error::Error;

/// The JSON of a value, without white space. NaN and infinities are `null`.
///
/// # Errors
/// Those of the value's own `Serialize`.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut text = Text(String::new());
    value.serialize(&mut text)?;
    Ok(text.0)
}

/// The text so far. Containers need no state: what they hold is the first, when it ends with their bracket.
struct Text(String);

impl Text {
    fn separate(&mut self) {
        if !self.0.ends_with(['[', '{']) {
            self.0.push(',');
        }
    }

    fn string(&mut self, text: &str) {
        self.0.push('"');
        if text
            .bytes()
            .any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
        {
            text.chars().for_each(|character| self.escaped(character));
        } else {
            self.0.push_str(text);
        }
        self.0.push('"');
    }

    fn escaped(&mut self, character: char) {
        let short = match character {
            '"' | '\\' => character,
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\0'..' ' => {
                let _ = write!(self.0, "\\u{:04x}", u32::from(character));
                return;
            }
            _ => return self.0.push(character),
        };
        self.0.push('\\');
        self.0.push(short);
    }

    fn key(&mut self, name: &str) {
        self.separate();
        self.string(name);
        self.0.push(':');
    }

    /// `{"variant":` and the bracket of what it holds.
    fn variant(&mut self, name: &str, bracket: char) {
        self.0.push('{');
        self.key(name);
        self.0.push(bracket);
    }
}

type Done = Result<(), Error>;

impl<'a> ser::Serializer for &'a mut Text {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = &'a mut Text;
    type SerializeTuple = &'a mut Text;
    type SerializeTupleStruct = &'a mut Text;
    type SerializeTupleVariant = &'a mut Text;
    type SerializeMap = &'a mut Text;
    type SerializeStruct = &'a mut Text;
    type SerializeStructVariant = &'a mut Text;

    fn serialize_bool(self, flag: bool) -> Done {
        self.0.push_str(if flag { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Done {
        self.serialize_i64(number.into())
    }

    fn serialize_i16(self, number: i16) -> Done {
        self.serialize_i64(number.into())
    }

    fn serialize_i32(self, number: i32) -> Done {
        self.serialize_i64(number.into())
    }

    fn serialize_i64(self, number: i64) -> Done {
        let _ = write!(self.0, "{number}");
        Ok(())
    }

    fn serialize_u8(self, number: u8) -> Done {
        self.serialize_u64(number.into())
    }

    fn serialize_u16(self, number: u16) -> Done {
        self.serialize_u64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Done {
        self.serialize_u64(number.into())
    }

    fn serialize_u64(self, number: u64) -> Done {
        let _ = write!(self.0, "{number}");
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Done {
        if !number.is_finite() {
            return self.serialize_unit();
        }
        self.0.push_str(zmij::Buffer::new().format_finite(number));
        Ok(())
    }

    fn serialize_f64(self, number: f64) -> Done {
        if !number.is_finite() {
            return self.serialize_unit();
        }
        self.0.push_str(zmij::Buffer::new().format_finite(number));
        Ok(())
    }

    fn serialize_char(self, character: char) -> Done {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Done {
        self.string(text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Done {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        self.0.push('{');
        self.key(variant);
        value.serialize(&mut *self)?;
        self.0.push('}');
        Ok(())
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Self, Error> {
        self.0.push('[');
        Ok(self)
    }

    fn serialize_tuple(self, _length: usize) -> Result<Self, Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Self, Error> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Self, Error> {
        self.variant(variant, '[');
        Ok(self)
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Self, Error> {
        self.0.push('{');
        Ok(self)
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Self, Error> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Self, Error> {
        self.variant(variant, '{');
        Ok(self)
    }
}

impl ser::SerializeSeq for &mut Text {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.separate();
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.0.push(']');
        Ok(())
    }
}

impl ser::SerializeTuple for &mut Text {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Done {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for &mut Text {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Done {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleVariant for &mut Text {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Done {
        self.0.push_str("]}");
        Ok(())
    }
}

impl ser::SerializeMap for &mut Text {
    type Ok = ();
    type Error = Error;

    /// A key that is no string is written as the string of its JSON, as serde_json does with numbers.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.separate();
        let key = to_string(key)?;
        match key.starts_with('"') {
            true => self.0.push_str(&key),
            false => self.string(&key),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.0.push(':');
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.0.push('}');
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Text {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.key(name);
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        ser::SerializeMap::end(self)
    }
}

impl ser::SerializeStructVariant for &mut Text {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        ser::SerializeStruct::serialize_field(self, name, value)
    }

    fn end(self) -> Done {
        self.0.push_str("}}");
        Ok(())
    }
}
