//! Draws bar charts as SVG, legible on a light and on a dark background.

use std::fmt::Write as _;

use crate::bench::short;

/// One bar of a chart.
pub struct Bar {
    /// The label: the server's name.
    pub name: String,
    /// The server's tier, which determines the colour.
    pub tier: String,
    /// The value, which determines the length.
    pub value: f64,
}

const WIDTH: f64 = 720.0;
const LABEL: f64 = 150.0;
const ROW: f64 = 26.0;
const TOP: f64 = 44.0;

/// Draws a chart with one row per bar.
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
        // Leave space for the number after the longest bar.
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
    fn the_longest_bar_leaves_space_for_its_number() {
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
