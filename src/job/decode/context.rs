//! What the visitors of one body share.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::SeqAccess;
use serde::de::value::SeqAccessDeserializer;
use serde_json::Value;

use super::sub_jobs::{Any, ElementOf};
use crate::job::Job;
use crate::job::entities::Entities;

/// How the numbers of a body that might lose digits are found in it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Numbers {
    /// As texts with [`NUMBER_MARK`](crate::util::json::NUMBER_MARK) in front.
    Marked,
    /// As numbers.
    Parsed,
}

/// The state of one reading: which lists hold anything but sub-jobs, and whether there are numbers with a fraction.
///
/// That a list holds anything else is known at its end, when its beginning has been read as sub-jobs already. Such a body
/// is read a second time; nobody has seen one yet, so that the usual ones need not pay for it.
pub(super) struct Context {
    numbers: Numbers,
    has_floats: Cell<bool>,
    begun: Cell<usize>,
    mixed: RefCell<HashMap<usize, usize>>,
    /// Of each mixed list, by its number: the number of the first list after its end.
    known: HashMap<usize, usize>,
    /// The last type of a job.
    job_type: RefCell<Arc<str>>,
}

impl Context {
    pub(super) fn new(numbers: Numbers) -> Self {
        Self {
            numbers,
            has_floats: Cell::default(),
            begun: Cell::default(),
            mixed: RefCell::default(),
            known: HashMap::new(),
            job_type: RefCell::default(),
        }
    }

    /// `None` if one reading was enough.
    pub(super) fn for_a_second_time(&self) -> Option<Self> {
        let known = self.mixed.take();
        (!known.is_empty()).then(|| Self { known, ..Self::new(self.numbers) })
    }

    /// A number with a fraction or beyond 64 bits was read as a number, which can cost digits.
    pub(super) const fn has_floats(&self) -> bool {
        self.has_floats.get()
    }

    pub(super) fn note_float(&self) {
        self.has_floats.set(true);
    }

    /// The type of a job, which is mostly that of the one before.
    pub(super) fn shared(&self, text: &str) -> Arc<str> {
        let mut last = self.job_type.borrow_mut();
        if **last != *text {
            *last = text.into();
        }
        Arc::clone(&last)
    }

    /// Notes the floats in these entities, or takes the marks of numbers out of them.
    pub(super) fn settle(&self, entities: &mut Entities) {
        match self.numbers {
            Numbers::Marked => entities.drop_marks(),
            Numbers::Parsed if entities.has_floats() => self.note_float(),
            Numbers::Parsed => {}
        }
    }

    /// The jobs of a list, or the list as it is if it holds anything else. `length` is what it is said to have.
    pub(super) fn list<'de, A: SeqAccess<'de>>(
        &self,
        mut seq: A,
        length: usize,
        is_job: fn(&Job) -> bool,
    ) -> Result<Result<Vec<Job>, Value>, A::Error> {
        let number = self.begun.get();
        self.begun.set(number + 1);
        if let Some(&next) = self.known.get(&number) {
            self.begun.set(next);
            return Value::deserialize(SeqAccessDeserializer::new(seq)).map(Err);
        }
        let (mut jobs, mut mixed) = (Vec::with_capacity(length.min(MOST_AT_ONCE)), false);
        while let Some(is_good) =
            seq.next_element_seed(Any(ElementOf { context: self, jobs: &mut jobs, is_job }))?
        {
            mixed |= !is_good;
        }
        // The said length may be far too large, and the lists of one body many.
        jobs.shrink_to_fit();
        if mixed {
            self.mixed.borrow_mut().insert(number, self.begun.get());
        }
        Ok(Ok(jobs))
    }
}

/// A longer list grows while it is read.
const MOST_AT_ONCE: usize = 1_000;
