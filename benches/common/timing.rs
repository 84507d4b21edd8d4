//! Times on a machine with other load: measured in turns and compared by their medians.

use std::time::{Duration, Instant};

/// One of several things to be compared.
pub(crate) type Work<'a> = Box<dyn FnMut() + 'a>;

/// The median time of one call of each, in nanoseconds. They take turns in batches, so that other load on the
/// machine affects all of them alike.
pub(crate) fn medians(batch: usize, turns: usize, works: &mut [Work<'_>]) -> Vec<f64> {
    let mut times: Vec<Vec<f64>> = works.iter().map(|_| Vec::with_capacity(turns)).collect();
    for turn in 0..=turns {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..batch {
                work();
            }
            // The first turn only warms up.
            if turn > 0 {
                times.push(start.elapsed().as_nanos() as f64 / batch as f64);
            }
        }
    }
    times.into_iter().map(median).collect()
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// User and system time of all children that have ended and been waited for.
#[cfg(target_os = "linux")]
pub(crate) fn children_cpu() -> Duration {
    // Fields 16 and 17 of proc(5) stat, in ticks of a hundredth of a second.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(13).take(2);
    Duration::from_millis(fields.filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn children_cpu() -> Duration {
    Duration::ZERO
}
