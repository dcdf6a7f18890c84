//! Random numbers for models of load, the same on every run.

/// The generator `SplitMix64`, one stream per source of randomness.
pub(crate) struct Random(u64);

impl Random {
    /// Returns stream number `stream` of a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Random(seed ^ stream.wrapping_mul(0xA076_1D64_78BD_642F))
    }

    /// Returns 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound.max(1)
    }

    /// Returns a sample of the exponential distribution.
    #[expect(
        clippy::cast_precision_loss,
        clippy::disallowed_methods,
        reason = "a statistical test compares within its own error, not bit by bit"
    )]
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        let unit = ((self.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        -mean * unit.ln()
    }
}
