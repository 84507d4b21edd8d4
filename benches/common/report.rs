//! The report of a bench: one line for each row of the table, and a file for `benches/table.py`.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::mode::Mode;

/// The rows of one bench.
pub(crate) struct Report {
    bench: &'static str,
    quick: bool,
    whole: bool,
    rows: Vec<Value>,
}

/// The target of a figure.
#[derive(Clone, Copy)]
pub(crate) enum Reach {
    AtMost(f64),
    AtLeast(f64),
    /// No target.
    None,
}

impl Report {
    pub(crate) fn new(bench: &'static str, mode: &Mode) -> Self {
        Self { bench, quick: mode.quick, whole: mode.is_whole(), rows: Vec::new() }
    }

    /// A figure in `unit`, its target, and what it was compared with.
    pub(crate) fn row(&mut self, what: &str, figure: f64, unit: &str, reach: Reach, note: &str) {
        let (sign, bound, good) = match reach {
            Reach::AtMost(bound) => ("<=", Some(bound), figure <= bound),
            Reach::AtLeast(bound) => (">=", Some(bound), figure >= bound),
            Reach::None => ("", None, true),
        };
        let figure_text = with_unit(figure, unit);
        let reach_text = bound.map_or(String::new(), |bound| format!("{sign} {}", with_unit(bound, unit)));
        let verdict = match (bound, good) {
            (None, _) => "",
            (_, true) => "reached",
            (_, false) => "MISSED",
        };
        println!("{what}: {figure_text}  [{reach_text} {verdict}]  {note}");
        self.rows.push(json!({
            "what": what, "figure": figure_text, "reach": reach_text, "verdict": verdict, "note": note,
        }));
    }

    /// The rows that a test of the library prints. It fails where one of them misses its target.
    pub(crate) fn rows_of_test(&mut self, test: &str) {
        match super::child::rows_of_test(test) {
            Ok(rows) => {
                for [what, figure, reach, note] in rows {
                    let verdict = if reach.is_empty() { "" } else { "reached" };
                    println!("{what}: {figure}  [{reach} {verdict}]  {note}");
                    self.rows.push(json!({
                        "what": what, "figure": figure, "reach": reach, "verdict": verdict, "note": note,
                    }));
                }
            }
            Err(why) => self.skip(test, &why),
        }
    }

    /// A row that could not be measured here, and why.
    pub(crate) fn skip(&mut self, what: &str, why: &str) {
        println!("{what}: NOT MEASURED: {why}");
        self.rows
            .push(json!({"what": what, "figure": "not measured", "reach": "", "verdict": "", "note": why}));
    }

    /// Writes the rows to `target/tmp/rows/`, if all of them were asked for.
    pub(crate) fn finish(self) {
        if !self.whole {
            return;
        }
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rows");
        let text = json!({"bench": self.bench, "quick": self.quick, "rows": self.rows}).to_string();
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join(format!("{}.json", self.bench)), text));
        if let Err(error) = written {
            println!("the rows could not be written: {error}");
        }
    }
}

/// A figure without a unit is a count.
fn with_unit(figure: f64, unit: &str) -> String {
    if unit.is_empty() { format!("{figure:.0}") } else { format!("{} {unit}", short(figure)) }
}

/// Three significant digits.
fn short(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
