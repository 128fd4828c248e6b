//! The code that approves one plan: shown on the terminal, typed into the approval page.

use crate::secret::Secret;
use std::io;
use subtle::ConstantTimeEq;

/// Letters and digits that nobody takes for another one: 32 of them, five bits each.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH: usize = 8;

/// A fresh code of forty random bits, as `K7QX-M2PD`.
pub(super) fn fresh() -> io::Result<Secret> {
    let mut bytes = [0_u8; LENGTH];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let mut text = String::with_capacity(LENGTH + 1);
    for (at, byte) in bytes.iter().enumerate() {
        if at == LENGTH / 2 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(Secret::new(text))
}

/// Whether a person typed this code: case, spaces and dashes do not matter.
pub(super) fn is(code: &Secret, typed: &str) -> bool {
    let letters = |text: &str| -> Vec<u8> {
        let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_uppercase()).collect()
    };
    typed.len() <= 64 && bool::from(letters(code.expose()).ct_eq(&letters(typed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_type_it_as_they_like() {
        let code = Secret::new("K7QX-M2PD");
        for typed in ["K7QX-M2PD", "k7qxm2pd", " k7qx m2pd \n"] {
            assert!(is(&code, typed), "{typed:?}");
        }
        for typed in ["", "K7QX", "K7QX-M2PE", "K7QX-M2PDD", "-", "K7QXM2Pé"] {
            assert!(!is(&code, typed), "{typed:?}");
        }
    }

    #[test]
    fn no_two_are_alike() {
        let codes: std::collections::BTreeSet<String> = (0..1000)
            .map(|_| fresh().unwrap().expose().to_owned())
            .collect();
        assert_eq!(codes.len(), 1000);
        assert!(codes.iter().all(|code| code.len() == 9));
    }
}
