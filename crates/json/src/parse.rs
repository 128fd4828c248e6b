//! From a text to a [`Value`]: the grammar of RFC 8259, and nothing else.

use crate::error::Error;
use crate::value::{Number, Value};

/// Containers in containers, as many as serde_json takes: reading goes one call deeper for each.
const MOST_DEPTH: usize = 127;

/// Reads a text that holds one value and white space.
///
/// # Errors
/// What should stand where something else does.
pub fn parse(text: &str) -> Result<Value, Error> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.wanted("the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn wanted(&self, what: &str) -> Error {
        Error::wanted(what, self.at)
    }

    /// The byte here, white space or not.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The text from a place to here. Not an index, whose panic would bring all of Unicode's tables.
    fn since(&self, from: usize) -> &str {
        self.text.get(from..self.at).unwrap_or_default()
    }

    /// The next byte that is no white space; moves to it.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// Moves over `byte`, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b'[' | b'{') if depth == MOST_DEPTH => Err(self.wanted("something less deep")),
            Some(b'[') => self.list(depth + 1),
            Some(b'{') => self.object(depth + 1),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, Error> {
        let words = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
        ];
        let rest = &self.text.as_bytes()[self.at..];
        for (word, value) in words {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.wanted("a value"))
    }

    fn list(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(b']') {
                return Ok(Value::List(items));
            }
            if !self.take(b',') {
                return Err(self.wanted("',' or ']'"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut fields = Vec::new();
        if self.take(b'}') {
            return Ok(Value::Object(fields));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wanted("a key"));
            }
            let name = self.string()?;
            if !self.take(b':') {
                return Err(self.wanted("':'"));
            }
            fields.push((name, self.value(depth)?));
            if self.take(b'}') {
                return Ok(Value::Object(fields));
            }
            if !self.take(b',') {
                return Err(self.wanted("',' or '}'"));
            }
        }
    }

    /// The string whose quote is here.
    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let from = self.at;
            while !matches!(self.byte(), None | Some(b'"' | b'\\' | 0..0x20)) {
                self.at += 1;
            }
            text.push_str(self.since(from));
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escaped()?);
                }
                _ => return Err(self.wanted("a character or '\"'")),
            }
        }
    }

    /// What follows a backslash.
    fn escaped(&mut self) -> Result<char, Error> {
        let plain = match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unit().and_then(|unit| self.joined(unit)),
            _ => return Err(self.wanted("an escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    /// The four hexadecimal digits after the `u` that is here.
    fn unit(&mut self) -> Result<u32, Error> {
        let mut unit = 0;
        for _ in 0..4 {
            self.at += 1;
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.wanted("a hexadecimal digit"))?;
        }
        self.at += 1;
        Ok(unit)
    }

    /// The character that a unit of UTF-16 stands for, alone or with the one that follows.
    fn joined(&mut self, unit: u32) -> Result<char, Error> {
        let mut code = unit;
        if (0xd800..0xdc00).contains(&unit) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            self.at += 1;
            let low = self.unit()?.wrapping_sub(0xdc00);
            if low < 0x400 {
                code = 0x1_0000 + (unit - 0xd800) * 0x400 + low;
            }
        }
        char::from_u32(code).ok_or_else(|| self.wanted("a whole character"))
    }

    fn number(&mut self) -> Result<Number, Error> {
        let from = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        let whole_from = self.at;
        self.digits()?;
        if self.at > whole_from + 1 && self.text.as_bytes()[whole_from] == b'0' {
            return Err(Error::wanted("a number without a leading zero", whole_from));
        }
        let whole_to = self.at;
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let text = self.since(from);
        if self.at == whole_to
            && let Some(integer) = integer(text)
        {
            return Ok(integer);
        }
        match casebook_decimal::read(text) {
            Some(float) if float.is_finite() => Ok(Number::Float(float)),
            _ => Err(Error::wanted("a number that a float can hold", from)),
        }
    }

    /// Moves over one digit or more.
    fn digits(&mut self) -> Result<(), Error> {
        if !matches!(self.byte(), Some(b'0'..=b'9')) {
            return Err(self.wanted("a digit"));
        }
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        Ok(())
    }
}

/// Digits with or without a minus, if 64 bits hold them.
fn integer(text: &str) -> Option<Number> {
    if text.starts_with('-') {
        let number = text.parse().ok()?;
        return (number < 0).then_some(Number::Negative(number));
    }
    text.parse().ok().map(Number::Natural)
}
