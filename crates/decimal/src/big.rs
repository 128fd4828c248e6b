//! A whole number of any size, as much of it as reading a float needs.

/// `5^13`, the greatest power of five in 32 bits.
const FIVES: u32 = 1_220_703_125;
const FIVES_AT_ONCE: u32 = 13;

/// Words of 32 bits, the lowest first; the highest is not zero.
#[derive(Debug)]
pub(crate) struct Big(Vec<u32>);

impl Big {
    /// What decimal digits stand for.
    pub(crate) fn of_digits(digits: impl Iterator<Item = u8>) -> Self {
        let mut big = Self(Vec::new());
        for digit in digits {
            big.multiply(10, digit.into());
        }
        big
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// Bits up to the highest one.
    pub(crate) fn bits(&self) -> i32 {
        let top = self.0.last().map_or(0, |word| word.leading_zeros());
        32 * self.0.len() as i32 - top as i32
    }

    /// Times `5^power`.
    pub(crate) fn multiply_by_fives(&mut self, power: u32) {
        for _ in 0..power / FIVES_AT_ONCE {
            self.multiply(FIVES, 0);
        }
        self.multiply(5_u32.pow(power % FIVES_AT_ONCE), 0);
    }

    /// Divided by `5^power`; whether something was left over.
    pub(crate) fn divide_by_fives(&mut self, power: u32) -> bool {
        let mut rest = self.divide(5_u32.pow(power % FIVES_AT_ONCE));
        for _ in 0..power / FIVES_AT_ONCE {
            rest |= self.divide(FIVES);
        }
        rest
    }

    /// Times `2^(32 * words)`.
    pub(crate) fn shift_words(&mut self, words: usize) {
        let mut shifted = vec![0; words];
        shifted.append(&mut self.0);
        self.0 = shifted;
    }

    /// The highest 64 bits, the first of them set; whether any is set below.
    pub(crate) fn top(&self) -> (u64, bool) {
        let word = |from_top: usize| {
            let at = self.0.len().checked_sub(from_top + 1);
            at.map_or(0, |at| self.0[at])
        };
        let zeros = word(0).leading_zeros();
        let high = u64::from(word(0)) << 32 | u64::from(word(1));
        let low = u64::from(word(2)) << zeros;
        let below = low as u32 != 0 || self.0.iter().rev().skip(3).any(|word| *word != 0);
        (high << zeros | low >> 32, below)
    }

    fn multiply(&mut self, factor: u32, more: u32) {
        let mut carry = u64::from(more);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn divide(&mut self, divisor: u32) -> bool {
        let mut rest = 0;
        for word in self.0.iter_mut().rev() {
            rest = rest << 32 | u64::from(*word);
            *word = (rest / u64::from(divisor)) as u32;
            rest %= u64::from(divisor);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        rest != 0
    }
}
