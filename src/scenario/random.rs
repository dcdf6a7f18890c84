//! Random numbers for modelled loads: the same on every run and on every machine.

/// The generator `SplitMix64`, one stream for each source of randomness.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// Returns stream number `stream` of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut first = Random(seed);
        let start = first.bits();
        Random(start ^ stream.wrapping_mul(0xA076_1D64_78BD_642F))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number above 0 and below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(super) fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Returns a sample of the exponential distribution.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * ln(self.unit())
    }
}

/// Returns the natural logarithm of a positive number, with basic arithmetic only: the one of the system's library
/// differs in the last bit from machine to machine.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0) - 1023;
    let fraction = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    let (fraction, exponent) = if fraction > std::f64::consts::SQRT_2 {
        (fraction / 2.0, exponent + 1)
    } else {
        (fraction, exponent)
    };
    // ln m = 2 artanh((m − 1) / (m + 1)), and what is raised to powers is below 0.18.
    let s = (fraction - 1.0) / (fraction + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for odd in (1..=23).rev().step_by(2) {
        sum = sum * square + 1.0 / f64::from(odd);
    }
    2.0 * s * sum + f64::from(exponent) * std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "it is compared with the library's"
    )]
    fn the_logarithm_is_right() {
        let mut random = Random::new(1, 1);
        for _ in 0..10_000 {
            let x = random.unit();
            assert!(
                (ln(x) - x.ln()).abs() <= 1e-13 * x.ln().abs().max(1.0),
                "{x}"
            );
        }
        assert!(ln(1.0).abs() < 1e-15);
    }

    #[test]
    fn samples_have_their_mean() {
        let mut random = Random::new(7, 2);
        let sum: f64 = (0..100_000).map(|_| random.exponential(2.0)).sum();
        // Four standard errors of 2 / √100,000.
        assert!((sum / 100_000.0 - 2.0).abs() < 0.0253, "{sum}");
    }
}
