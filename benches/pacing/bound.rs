//! What no rule can do better, however clever.

use std::f64::consts::TAU;

use crate::data::Duration;
use crate::replay::Dice;

/// The least product of mean polls and mean lag for durations of this kind: half the square of the integral of
/// sqrt(f S), by Cauchy and Schwarz, f being the density of the durations and S the share that takes longer.
///
/// The durations themselves have no density, so each is blurred: times e^(BLUR z), z being normal. A poll at once, which
/// every waiter makes, is not among the polls.
pub(crate) fn least_product(durations: &[Duration]) -> f64 {
    let logs: Vec<f64> = durations.iter().map(|one| one.seconds.ln()).collect();
    let count = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / count;
    let deviation = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    let (low, high, steps) = (mean - 6.0 * deviation, mean + 6.0 * deviation, 20_000);
    let step = (high - low) / f64::from(steps);
    let (mut longer, mut integral) = (1.0, 0.0);
    for number in 0..steps {
        let log = low + step * (f64::from(number) + 0.5);
        let kernel = |center: &f64| (-0.5 * ((log - center) / BLUR).powi(2)).exp() / (BLUR * TAU.sqrt());
        // The density in the logarithm; dt is t times d(ln t).
        let density = logs.iter().map(kernel).sum::<f64>() / count;
        integral += (density * f64::max(longer - density * step / 2.0, 0.0) * log.exp()).sqrt() * step;
        longer -= density * step;
    }
    integral.powi(2) / 2.0
}

/// The durations many times, each time blurred: what the bound holds for.
pub(crate) fn blurred(durations: &[Duration], times: usize) -> Vec<Duration> {
    let mut dice = Dice(3);
    let many = durations.iter().flat_map(|one| std::iter::repeat_n(one, times));
    many.map(|one| {
        let normal = (-2.0 * dice.roll().max(1e-12).ln()).sqrt() * (TAU * dice.roll()).cos();
        Duration { seconds: one.seconds * (BLUR * normal).exp(), ..one.clone() }
    })
    .collect()
}

/// About a third.
const BLUR: f64 = 0.35;
