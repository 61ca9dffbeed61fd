//! Bars as SVG, to be read on white and on black.

use std::fmt::Write as _;

use crate::bench::short;

/// One bar.
pub struct Bar {
    /// Whose.
    pub name: String,
    /// Which colour.
    pub tier: String,
    /// How long.
    pub value: f64,
}

const WIDTH: f64 = 720.0;
const LABEL: f64 = 150.0;
const ROW: f64 = 26.0;
const TOP: f64 = 44.0;

/// A row for each.
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let height = TOP + ROW * bars.len() as f64 + 12.0;
    let most = bars.iter().map(|it| it.value).fold(f64::MIN_POSITIVE, f64::max);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"26\" font-size=\"15\" fill=\"#111\">{}</text>\n",
        escaped(title)
    );
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        // Room for the number behind the longest.
        let length = (bar.value / most * (WIDTH - LABEL - 80.0)).max(1.0);
        let colour = match bar.tier.as_str() {
            "floor" => "#9aa0a6",
            "chat" => "#d9480f",
            _ => "#4c6ef5",
        };
        let (middle, end, name) = (y + 14.0, LABEL + length + 6.0, escaped(&bar.name));
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\" fill=\"#111\">{name}</text>\
             <rect x=\"{LABEL}\" y=\"{y}\" width=\"{length:.1}\" height=\"18\" rx=\"3\" fill=\"{colour}\"/>\
             <text x=\"{end:.1}\" y=\"{middle}\" fill=\"#111\">{}</text>",
            LABEL - 8.0,
            short(bar.value)
        );
    }
    svg + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_has_room_for_its_number() {
        let bar = |name: &str, value| Bar {
            name: name.to_owned(),
            tier: "bare".to_owned(),
            value,
        };
        let svg = bars("a < b", &[bar("one", 1.0), bar("two", 2.0)]);
        assert!(
            svg.contains("a &lt; b") && svg.contains("width=\"490.0\"") && svg.contains("width=\"245.0\"")
        );
    }
}
