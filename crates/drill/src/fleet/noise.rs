//! Noise that is a pure function of a key and a position: SplitMix64's finaliser, used as a hash.
//!
//! <https://prng.di.unimi.it/splitmix64.c>

/// A key for one stream of noise.
pub(super) fn key(seed: u64, stream: u64) -> u64 {
    mix(seed ^ mix(stream.wrapping_add(1)))
}

/// Uniform in `[0, 1)`.
pub(super) fn unit(key: u64, position: u64) -> f64 {
    let bits = mix(key ^ mix(position));
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// Uniform in `[-1, 1)`.
pub(super) fn signed(key: u64, position: u64) -> f64 {
    2.0 * unit(key, position) - 1.0
}

fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
