//! Polls against lag, as a plot.

use std::fmt::Write as _;
use std::path::Path;

use cloudjob::Backoff;

use crate::bound::{blurred, least_product};
use crate::common::mode::Mode;
use crate::data::{Duration, Rule};
use crate::replay::{Cost, replay_backoff, replay_rule};

/// Writes `target/tmp/pacing.svg`, and in a full run `docs/pacing.svg` as well.
///
/// The durations are blurred, since the bound is for a density of durations and for nothing else.
pub(crate) fn draw(mode: &Mode, public: &[(Rule, Cost)], durations: &[Duration]) {
    let many = blurred(durations, mode.pick(20, 100));
    let ours = replay_backoff(Backoff::new(), &many, 1);
    let public: Vec<(Rule, Cost)> =
        public.iter().map(|(rule, _)| (rule.clone(), replay_rule(rule, &many, 1))).collect();
    let theory =
        Rule::of_theory().into_iter().map(|rule| (rule.clone(), replay_rule(&rule, &many, 1))).collect();
    let svg = picture(ours, &public, theory, least_product(durations));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![Path::new(env!("CARGO_TARGET_TMPDIR")).join("pacing.svg")];
    if !mode.quick {
        paths.push(root.join("docs/pacing.svg"));
    }
    for path in paths {
        let folder = path.parent().unwrap_or(root);
        match std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &svg)) {
            Ok(()) => println!("drawn: {}", path.display()),
            Err(error) => println!("NOT DRAWN: {}: {error}", path.display()),
        }
    }
}

fn picture(ours: Cost, public: &[(Rule, Cost)], theory: Vec<(Rule, Cost)>, least: f64) -> String {
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    axes(&mut svg);
    bound(&mut svg, least);
    let mut labels = Labels::default();
    labels.keep_free(ours);
    for (rule, cost) in public {
        dot(&mut svg, *cost, 4.0, "#8a94a6", &rule.name);
    }
    for (rule, cost) in theory {
        dot(&mut svg, cost, 3.0, "#c9a227", &rule.name);
    }
    dot(&mut svg, ours, 7.0, "#c2185b", "cloudjob");
    label(&mut svg, ours, "cloudjob", "#c2185b");
    for (rule, cost) in public {
        if labels.take(*cost) {
            label(&mut svg, *cost, &rule.name, "#4a5568");
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn axes(svg: &mut String) {
    for polls in [5.0, 10.0, 20.0, 50.0, 100.0, 200.0] {
        let x = x(polls);
        let _ = writeln!(svg, "<path d=\"M{x:.1} {TOP}V{BOTTOM}\" stroke=\"#e8ebf0\"/>");
        let _ =
            writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{polls}</text>", BOTTOM + 18.0);
    }
    for lag in [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0] {
        let y = y(lag);
        let _ = writeln!(svg, "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"#e8ebf0\"/>");
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{lag}</text>", LEFT - 6.0, y + 4.0);
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">polls a job (mean)</text>",
        HEIGHT - 12.0
    );
    let (x, y) = (18.0, f64::midpoint(TOP, BOTTOM));
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\">seconds until the end \
         is known (mean)</text>"
    );
}

/// The hyperbola below which no rule can be.
fn bound(svg: &mut String, product: f64) {
    let mut path = String::new();
    for step in 0..=100 {
        let polls = MIN_POLLS * (MAX_POLLS / MIN_POLLS).powf(f64::from(step) / 100.0);
        let lag = product / polls;
        if (MIN_LAG..=MAX_LAG).contains(&lag) {
            let sign = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{sign}{:.1} {:.1}", x(polls), y(lag));
        }
    }
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"#2f855a\" stroke-dasharray=\"6 4\"/>");
    let (x, y) = (x(60.0), y(product / 60.0) + 22.0);
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"#2f855a\" text-anchor=\"end\">no rule can be below ({product:.0} s)</text>"
    );
}

fn dot(svg: &mut String, cost: Cost, radius: f64, colour: &str, title: &str) {
    let Cost { polls, lag, .. } = cost;
    let _ = writeln!(
        svg,
        "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" fill=\"{colour}\" fill-opacity=\"0.8\"><title>{title}: \
         {polls:.1} polls, {lag:.2} s</title></circle>",
        x(polls),
        y(lag)
    );
}

fn label(svg: &mut String, cost: Cost, text: &str, colour: &str) {
    let (x, y) = (x(cost.polls) + 9.0, y(cost.lag) + 4.0);
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{text}</text>");
}

/// Where labels stand already: of rules that lie together one is named, the others say their names under the mouse.
#[derive(Default)]
struct Labels(Vec<(f64, f64)>);

impl Labels {
    fn keep_free(&mut self, cost: Cost) {
        self.0.push((x(cost.polls), y(cost.lag)));
    }

    fn take(&mut self, cost: Cost) -> bool {
        let (x, y) = (x(cost.polls), y(cost.lag));
        let free =
            self.0.iter().all(|(other_x, other_y)| (other_y - y).abs() > 13.0 || (other_x - x).abs() > 190.0);
        if free {
            self.0.push((x, y));
        }
        free
    }
}

fn x(polls: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * (polls / MIN_POLLS).ln() / (MAX_POLLS / MIN_POLLS).ln()
}

fn y(lag: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * (lag / MIN_LAG).ln() / (MAX_LAG / MIN_LAG).ln()
}

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 560.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 880.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 505.0;
const MIN_POLLS: f64 = 4.0;
const MAX_POLLS: f64 = 450.0;
const MIN_LAG: f64 = 0.4;
const MAX_LAG: f64 = 60.0;
