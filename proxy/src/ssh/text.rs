//! Bytes that come in pieces, as text.

/// Decodes UTF-8 piece by piece: a character that is cut in two by a piece's end is kept for the
/// next, and what is no UTF-8 becomes U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    kept: Vec<u8>,
}

impl Decoder {
    /// The text up to the last whole character.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> String {
        self.kept.extend_from_slice(bytes);
        let mut text = String::new();
        let mut chunks = self.kept.utf8_chunks().peekable();
        let mut rest = Vec::new();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            if chunks.peek().is_none() && may_go_on(invalid) {
                rest = invalid.to_vec();
            } else if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.kept = rest;
        text
    }

    /// What is left at the end: nothing, or the mark of a character that never became whole.
    pub(super) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.kept)).into_owned()
    }
}

/// Whether these bytes are the beginning of a character.
fn may_go_on(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_give_the_text_of_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..64), size in 1_usize..8) {
            let mut decoder = Decoder::default();
            let mut text = String::new();
            for piece in bytes.chunks(size) {
                text += &decoder.feed(piece);
            }
            text += &decoder.finish();
            prop_assert_eq!(text, String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn text_survives(whole in ".*", size in 1_usize..8) {
            let mut decoder = Decoder::default();
            let mut text = String::new();
            for piece in whole.as_bytes().chunks(size) {
                text += &decoder.feed(piece);
            }
            prop_assert_eq!(text + &decoder.finish(), whole);
        }
    }
}
