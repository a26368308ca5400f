//! The colours, light and dark, and which of them stand on which.
//!
//! They carry nothing alone: every coloured thing has a word or a figure too. The test holds the contrast.

/// A colour's name in the style sheet, in light and in dark.
pub(crate) struct Colour {
    /// The name, without the dashes.
    pub(crate) name: &'static str,
    /// `#rrggbb` on light pages and on paper.
    pub(crate) light: &'static str,
    /// `#rrggbb` on dark pages.
    pub(crate) dark: &'static str,
}

const fn colour(name: &'static str, light: &'static str, dark: &'static str) -> Colour {
    Colour { name, light, dark }
}

/// Every colour of the pages.
pub(crate) const PALETTE: [Colour; 16] = [
    colour("page", "#f5f6f8", "#14171c"),
    colour("paper", "#ffffff", "#1d2128"),
    colour("head", "#eef0f4", "#282d36"),
    colour("text", "#1b1f27", "#e8eaee"),
    colour("soft", "#535b69", "#aab2c0"),
    colour("rule", "#d3d8e0", "#3a414d"),
    colour("link", "#0b57c2", "#8ab8ff"),
    colour("good", "#14602f", "#8fdcab"),
    colour("good-ground", "#ddf3e4", "#173a26"),
    colour("middling", "#724800", "#f2c879"),
    colour("middling-ground", "#fdefcf", "#42310f"),
    colour("bad", "#9c1c1c", "#ffaba3"),
    colour("bad-ground", "#fde3e1", "#4c1f1c"),
    colour("line", "#0b57c2", "#8ab8ff"),
    colour("second", "#a5460f", "#f0a46f"),
    colour("box", "#c3d3ec", "#3c5580"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let part = u8::from_str_radix(&colour[at..at + 2], 16).expect("two hexadecimal digits");
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    /// WCAG 2.2, "contrast ratio".
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn find(name: &str) -> &'static Colour {
        PALETTE.iter().find(|colour| colour.name == name).expect("a colour of the palette")
    }

    #[test]
    fn the_formula_is_wcags() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    #[test]
    fn what_is_read_stands_out() {
        // 4.5 for text, 3 for lines and marks (WCAG 2.2, 1.4.3 and 1.4.11).
        let mut pairs = Vec::new();
        for ground in ["page", "paper", "head"] {
            pairs.extend(["text", "soft", "link", "good", "middling", "bad"].map(|text| (text, ground, 4.5)));
        }
        for tint in ["good", "middling", "bad"] {
            let ground = PALETTE.iter().map(|it| it.name).find(|it| *it == format!("{tint}-ground")).expect("a ground");
            pairs.extend([(tint, ground, 4.5), ("text", ground, 4.5), ("link", ground, 4.5), ("soft", ground, 4.5)]);
        }
        pairs.extend(["line", "second", "soft"].map(|line| (line, "paper", 3.0)));
        pairs.extend(["line", "second", "text"].map(|mark| (mark, "box", 3.0)));
        let mut weak = Vec::new();
        for (front, ground, least) in pairs {
            for (mode, front_is, ground_is) in
                [("light", find(front).light, find(ground).light), ("dark", find(front).dark, find(ground).dark)]
            {
                let found = contrast(front_is, ground_is);
                if found < least {
                    weak.push(format!("{front} on {ground} in {mode}: {found:.2}, not {least}"));
                }
            }
        }
        assert_eq!(weak, Vec::<String>::new());
    }
}
