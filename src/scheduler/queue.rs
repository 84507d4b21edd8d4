//! The polls that are to come, by when they are due and by how long their delay is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// One heap for each class of delays. In a class all delays are nearly equal, so the one that is due first is also
/// the one that is most overdue relative to itself.
#[derive(Debug)]
pub(super) struct Queue {
    classes: [BinaryHeap<Reverse<QueuedPoll>>; CLASSES],
}

/// A job whose next poll is due at a moment; since then and for how long it has been waiting.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct QueuedPoll {
    due: Nanos,
    since: Nanos,
    slot: Slot,
}

/// A moment in half of the memory of a `Duration`: there can be millions of them.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Nanos(u64);

impl From<Duration> for Nanos {
    fn from(moment: Duration) -> Self {
        Self(u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Nanos> for Duration {
    fn from(Nanos(nanos): Nanos) -> Self {
        Self::from_nanos(nanos)
    }
}

/// The index of a job, and its generation: indices are used again.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Slot {
    pub(super) index: u32,
    pub(super) generation: u32,
}

impl Queue {
    /// A job that has waited since `since` for the moment `due`; `delay` is what its wait is measured by.
    pub(super) fn push(&mut self, slot: Slot, since: Duration, due: Duration, delay: Duration) {
        let delay = delay.max(Duration::from_millis(1));
        let since = if due == since { due.saturating_sub(delay) } else { since };
        if let Some(class) = self.classes.get_mut(class_of(delay)) {
            class.push(Reverse(QueuedPoll { due: due.into(), since: since.into(), slot }));
        }
    }

    /// When the first poll is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.classes.iter().filter_map(|class| Some(class.peek()?.0.due.into())).min()
    }

    /// How overdue the most overdue poll is (1 is just due), and its class.
    pub(super) fn most_overdue(&self, now: Duration) -> Option<(f64, usize)> {
        let mut most: Option<(f64, usize)> = None;
        for (number, class) in self.classes.iter().enumerate() {
            let Some(Reverse(head)) = class.peek() else { continue };
            let (due, since) = (Duration::from(head.due), Duration::from(head.since));
            if due > now {
                continue;
            }
            let delay = due.saturating_sub(since).as_secs_f64().max(0.001);
            let overdue = now.saturating_sub(since).as_secs_f64() / delay;
            if most.is_none_or(|(best, _)| overdue > best) {
                most = Some((overdue, number));
            }
        }
        most
    }

    pub(super) fn peek(&self, class: usize) -> Option<(Slot, Nanos)> {
        let first = self.classes.get(class)?.peek()?.0;
        Some((first.slot, first.due))
    }

    pub(super) fn pop(&mut self, class: usize) -> Option<Slot> {
        Some(self.classes.get_mut(class)?.pop()?.0.slot)
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self { classes: std::array::from_fn(|_| BinaryHeap::new()) }
    }
}

/// Two classes for each doubling, from a millisecond to half an hour.
fn class_of(delay: Duration) -> usize {
    let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX).max(1);
    let half = usize::from(millis.checked_shl(1).unwrap_or(u64::MAX) >> millis.ilog2() & 1 == 1);
    (millis.ilog2() as usize * 2 + half).min(CLASSES - 1)
}

const CLASSES: usize = 42;

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    const fn slot(index: u32) -> Slot {
        Slot { index, generation: 7 }
    }

    #[test]
    fn the_most_overdue_poll_relative_to_its_delay_comes_first() {
        let mut queue = Queue::default();
        queue.push(slot(1), at(0), at(10_000), at(10_000));
        queue.push(slot(2), at(9_000), at(10_000), at(1_000));
        assert_eq!(queue.most_overdue(at(9_999)), None);
        assert_eq!(queue.next_due(), Some(at(10_000)));
        // Two seconds late: 12 s instead of 10 s, and 3 s instead of 1 s.
        let (overdue, class) = queue.most_overdue(at(12_000)).unwrap();
        assert!((overdue - 3.0).abs() < 1e-9);
        assert_eq!(queue.pop(class), Some(slot(2)));
        let (overdue, class) = queue.most_overdue(at(12_000)).unwrap();
        assert!((overdue - 1.2).abs() < 1e-9);
        assert_eq!(queue.pop(class), Some(slot(1)));
        assert_eq!(queue.most_overdue(at(99_000)), None);
    }

    #[test]
    fn classes_grow_with_the_delay() {
        let classes: Vec<usize> =
            [0, 1, 2, 3, 4, 6, 700, 1_000, 1_500, 10_000, 15_000, u64::MAX].map(|ms| class_of(at(ms))).into();
        assert!(classes.is_sorted(), "{classes:?}");
        assert_ne!(class_of(at(10_000)), class_of(at(15_000)));
        assert!(classes.iter().all(|class| *class < CLASSES));
    }
}
