//! The general tokenizer: any JSON, in pieces of any size, one token at a time.
//!
//! It keeps its place between two chunks, so nothing of a chunk has to be kept but the text of an
//! unfinished string or number. Grammar as RFC 8259 has it; strings must be UTF-8, as serde_json asks.

/// Deeper nesting is refused, as serde_json does: an answer needs seven levels.
const MAX_DEPTH: u32 = 127;

/// What the tokenizer has come across. The text of a key, a string or a number is in [`Tokenizer::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Key,
    Text,
    Number,
    True,
    False,
    Null,
    /// Something must follow: a key or an element.
    Comma,
}

/// Why there is no next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoToken {
    /// Not JSON.
    Invalid,
    /// Something follows the value.
    Trailing,
    /// A string is longer than [`Tokenizer::longest`].
    TooLong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Value,
    /// After `[`: a value or `]`.
    FirstValue,
    Key,
    /// After `{`: a key or `}`.
    FirstKey,
    Colon,
    AfterValue,
    Text,
    Escape,
    Hex,
    Number(Digits),
    Literal,
    End,
}

/// The part of a number that the last byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

/// A JSON value, read in pieces.
#[derive(Debug)]
pub(super) struct Tokenizer {
    state: State,
    /// One bit per open container, the innermost lowest: 1 for an object.
    objects: u128,
    depth: u32,
    text: Vec<u8>,
    text_is_key: bool,
    /// Of a `\u` escape: the digits so far, how many are missing, and a first half that waits for its second.
    unit: u32,
    hex_missing: u8,
    high: u32,
    literal: &'static [u8],
    literal_token: Token,
    /// Whether texts are wanted; without, they are only checked for their end.
    pub(super) collect: bool,
    /// Most bytes of one text.
    pub(super) longest: u64,
    /// White space or an escape has been met since this was last set to false.
    pub(super) unusual: bool,
    /// Tokens given so far.
    #[cfg(test)]
    pub(super) given: usize,
}

impl Tokenizer {
    pub(super) fn new() -> Self {
        Self {
            state: State::Value,
            objects: 0,
            depth: 0,
            text: Vec::new(),
            text_is_key: false,
            unit: 0,
            hex_missing: 0,
            high: 0,
            literal: b"",
            literal_token: Token::Null,
            collect: true,
            longest: u64::MAX,
            unusual: false,
            #[cfg(test)]
            given: 0,
        }
    }

    /// The text of the last key, string or number.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// Number of open containers.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether the whole value has been read.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::End
    }

    /// Whether an element of the innermost list may begin here.
    pub(super) fn at_element(&self) -> bool {
        matches!(self.state, State::Value | State::FirstValue) && self.depth > 0
    }

    /// Elements were read elsewhere; with `comma`, another one must follow.
    pub(super) fn elements_were_read(&mut self, comma: bool) {
        self.state = if comma {
            State::Value
        } else {
            State::AfterValue
        };
    }

    /// An object, a key of it and the `[` of its value were read elsewhere.
    pub(super) fn list_in_object_was_opened(&mut self) {
        self.objects = self.objects << 2 | 0b10;
        self.depth += 2;
        self.state = State::FirstValue;
    }

    /// That list and its object were closed elsewhere, and the comma behind them was read.
    pub(super) fn list_in_object_was_closed(&mut self) {
        self.objects >>= 2;
        self.depth -= 2;
        self.state = State::Value;
    }

    /// The next token, or `None` when the chunk is used up. `at` is moved over what was read.
    pub(super) fn next(&mut self, chunk: &[u8], at: &mut usize) -> Result<Option<Token>, NoToken> {
        while let Some(&byte) = chunk.get(*at) {
            let token = match self.state {
                State::Text => self.text_run(&chunk[*at..], at)?,
                State::Number(part) => self.number_byte(part, byte, at)?,
                _ => {
                    *at += 1;
                    self.byte(byte)?
                }
            };
            if token.is_some() {
                #[cfg(test)]
                {
                    self.given += 1;
                }
                return Ok(token);
            }
        }
        Ok(None)
    }

    fn byte(&mut self, byte: u8) -> Result<Option<Token>, NoToken> {
        match self.state {
            State::Escape => return self.escape(byte).map(|()| None),
            State::Hex => return self.hex(byte).map(|()| None),
            State::Literal => return self.literal_byte(byte),
            _ => {}
        }
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            self.unusual = true;
            return Ok(None);
        }
        match (self.state, byte) {
            (State::FirstValue, b']') => self.close(Token::ArrayEnd),
            (State::Value | State::FirstValue, _) => self.value(byte),
            (State::FirstKey, b'}') => self.close(Token::ObjectEnd),
            (State::Key | State::FirstKey, b'"') => {
                self.open_text(true);
                Ok(None)
            }
            (State::Colon, b':') => {
                self.state = State::Value;
                Ok(None)
            }
            (State::AfterValue, b',') => {
                self.state = if self.in_object() {
                    State::Key
                } else {
                    State::Value
                };
                Ok(Some(Token::Comma))
            }
            (State::AfterValue, b'}') if self.in_object() => self.close(Token::ObjectEnd),
            (State::AfterValue, b']') if !self.in_object() => self.close(Token::ArrayEnd),
            (State::End, _) => Err(NoToken::Trailing),
            _ => Err(NoToken::Invalid),
        }
    }

    fn value(&mut self, byte: u8) -> Result<Option<Token>, NoToken> {
        match byte {
            b'{' => self.open(Token::ObjectStart),
            b'[' => self.open(Token::ArrayStart),
            b'"' => {
                self.open_text(false);
                Ok(None)
            }
            b'-' => self.begin_number(byte, Digits::Minus),
            b'0' => self.begin_number(byte, Digits::Zero),
            b'1'..=b'9' => self.begin_number(byte, Digits::Whole),
            b't' => self.begin_literal(b"rue", Token::True),
            b'f' => self.begin_literal(b"alse", Token::False),
            b'n' => self.begin_literal(b"ull", Token::Null),
            _ => Err(NoToken::Invalid),
        }
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn open(&mut self, token: Token) -> Result<Option<Token>, NoToken> {
        if self.depth == MAX_DEPTH {
            return Err(NoToken::Invalid);
        }
        let object = token == Token::ObjectStart;
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
        self.state = if object {
            State::FirstKey
        } else {
            State::FirstValue
        };
        Ok(Some(token))
    }

    fn close(&mut self, token: Token) -> Result<Option<Token>, NoToken> {
        self.objects >>= 1;
        self.depth -= 1;
        self.value_ends();
        Ok(Some(token))
    }

    fn value_ends(&mut self) {
        self.state = if self.depth == 0 {
            State::End
        } else {
            State::AfterValue
        };
    }

    fn begin_literal(
        &mut self,
        rest: &'static [u8],
        token: Token,
    ) -> Result<Option<Token>, NoToken> {
        self.literal = rest;
        self.literal_token = token;
        self.state = State::Literal;
        Ok(None)
    }

    fn literal_byte(&mut self, byte: u8) -> Result<Option<Token>, NoToken> {
        match self.literal.split_first() {
            Some((wanted, rest)) if *wanted == byte => self.literal = rest,
            _ => return Err(NoToken::Invalid),
        }
        if !self.literal.is_empty() {
            return Ok(None);
        }
        self.value_ends();
        Ok(Some(self.literal_token))
    }

    fn begin_number(&mut self, byte: u8, part: Digits) -> Result<Option<Token>, NoToken> {
        self.text.clear();
        self.text.push(byte);
        self.state = State::Number(part);
        Ok(None)
    }

    fn number_byte(
        &mut self,
        part: Digits,
        byte: u8,
        at: &mut usize,
    ) -> Result<Option<Token>, NoToken> {
        let next = match (part, byte) {
            (Digits::Minus, b'0') => Digits::Zero,
            (Digits::Minus, b'1'..=b'9') | (Digits::Whole, b'0'..=b'9') => Digits::Whole,
            (Digits::Zero | Digits::Whole, b'.') => Digits::Point,
            (Digits::Point | Digits::Fraction, b'0'..=b'9') => Digits::Fraction,
            (Digits::Zero | Digits::Whole | Digits::Fraction, b'e' | b'E') => Digits::E,
            (Digits::E, b'+' | b'-') => Digits::Sign,
            (Digits::E | Digits::Sign | Digits::Exponent, b'0'..=b'9') => Digits::Exponent,
            (Digits::Zero | Digits::Whole | Digits::Fraction | Digits::Exponent, _) => {
                self.value_ends();
                return Ok(Some(Token::Number));
            }
            _ => return Err(NoToken::Invalid),
        };
        *at += 1;
        if self.collect {
            self.push(&[byte])?;
        }
        self.state = State::Number(next);
        Ok(None)
    }

    fn open_text(&mut self, key: bool) {
        self.text.clear();
        self.text_is_key = key;
        self.state = State::Text;
    }

    /// The bytes up to the next quote, escape or end of the chunk.
    fn text_run(&mut self, rest: &[u8], at: &mut usize) -> Result<Option<Token>, NoToken> {
        let run = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            .unwrap_or(rest.len());
        if self.high != 0 && (run > 0 || rest[0] != b'\\') {
            return Err(NoToken::Invalid);
        }
        if self.collect {
            self.push(&rest[..run])?;
        }
        *at += run;
        let Some(byte) = rest.get(run) else {
            return Ok(None);
        };
        *at += 1;
        match byte {
            b'\\' => {
                self.unusual = true;
                self.state = State::Escape;
                Ok(None)
            }
            b'"' if self.collect && std::str::from_utf8(&self.text).is_err() => {
                Err(NoToken::Invalid)
            }
            b'"' if self.text_is_key => {
                self.state = State::Colon;
                Ok(Some(Token::Key))
            }
            b'"' => {
                self.value_ends();
                Ok(Some(Token::Text))
            }
            _ => Err(NoToken::Invalid),
        }
    }

    fn escape(&mut self, byte: u8) -> Result<(), NoToken> {
        let meant = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                self.unit = 0;
                self.hex_missing = 4;
                self.state = State::Hex;
                return Ok(());
            }
            _ => return Err(NoToken::Invalid),
        };
        if self.high != 0 {
            return Err(NoToken::Invalid);
        }
        self.state = State::Text;
        if self.collect {
            self.push(&[meant])?;
        }
        Ok(())
    }

    fn hex(&mut self, byte: u8) -> Result<(), NoToken> {
        let digit = char::from(byte).to_digit(16).ok_or(NoToken::Invalid)?;
        self.unit = self.unit << 4 | digit;
        self.hex_missing -= 1;
        if self.hex_missing > 0 {
            return Ok(());
        }
        self.state = State::Text;
        if !self.collect {
            return Ok(());
        }
        let code = match (self.high, self.unit) {
            (0, high @ 0xd800..=0xdbff) => {
                self.high = high;
                return Ok(());
            }
            (0, code) => code,
            (high, low @ 0xdc00..=0xdfff) => 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00),
            _ => return Err(NoToken::Invalid),
        };
        self.high = 0;
        let c = char::from_u32(code).ok_or(NoToken::Invalid)?;
        let mut utf8 = [0; 4];
        let written = c.encode_utf8(&mut utf8).len();
        self.push(&utf8[..written])
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), NoToken> {
        if (self.text.len() + bytes.len()) as u64 > self.longest {
            return Err(NoToken::TooLong);
        }
        self.text.extend_from_slice(bytes);
        Ok(())
    }
}
