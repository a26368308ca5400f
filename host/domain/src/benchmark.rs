//! How a client stands among the clients of its type: median, quartiles, target.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// So many clients of a type must have a figure before it is compared with: with fewer, a quartile is one client's
/// figure, and says whose.
pub const MIN_CLIENTS: usize = 5;

/// Where a figure lies among those of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Below the lower quartile.
    Below,
    /// Between the quartiles, which count.
    Within,
    /// Above the upper quartile.
    Above,
}

impl Standing {
    /// The word that the JSON contract uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Within => "within",
            Self::Above => "above",
        }
    }
}

/// A figure against its type's.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Benchmark {
    /// The type.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many clients of the type have a figure.
    pub clients: usize,
    /// A quarter of them have less.
    pub lower_quartile: f64,
    /// Half of them have less.
    pub median: f64,
    /// A quarter of them have more.
    pub upper_quartile: f64,
    /// Where this client's figure lies; null where it has none.
    pub standing: Option<Standing>,
}

/// The figures of every type, sorted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures<'a>(BTreeMap<&'a str, Vec<f64>>);

impl<'a> Figures<'a> {
    /// Of each client that has a type and a figure: both.
    #[must_use]
    pub fn of(figures: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let mut by_kind: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (kind, figure) in figures {
            by_kind.entry(kind).or_default().push(figure);
        }
        for figures in by_kind.values_mut() {
            figures.sort_by(f64::total_cmp);
        }
        Self(by_kind)
    }

    /// A client of this type with this figure; none where the type has fewer than [`MIN_CLIENTS`].
    #[must_use]
    pub fn benchmark(&self, kind: &str, figure: Option<f64>) -> Option<Benchmark> {
        let figures = self.0.get(kind).filter(|figures| figures.len() >= MIN_CLIENTS)?;
        let (lower, upper) = (quantile(figures, 0.25), quantile(figures, 0.75));
        let standing = figure.map(|figure| {
            if figure < lower {
                Standing::Below
            } else if figure > upper {
                Standing::Above
            } else {
                Standing::Within
            }
        });
        Some(Benchmark {
            kind: kind.to_owned(),
            clients: figures.len(),
            lower_quartile: lower,
            median: quantile(figures, 0.5),
            upper_quartile: upper,
            standing,
        })
    }
}

/// The quantile of sorted figures, of which there is at least one: linear between the neighbours (Hyndman and Fan's
/// type 7, which spreadsheets and numpy use too).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quartiles_are_those_of_a_spreadsheet() {
        let figures = Figures::of([4.0, 1.0, 3.0, 2.0, 5.0, 3.5].map(|figure| ("legal", figure)));
        let benchmark = figures.benchmark("legal", Some(4.5)).expect("six of them");
        // =QUARTILE.INC({1,2,3,3.5,4,5}, 1..3)
        assert_eq!((benchmark.lower_quartile, benchmark.median, benchmark.upper_quartile), (2.25, 3.25, 3.875));
        assert_eq!((benchmark.clients, benchmark.standing), (6, Some(Standing::Above)));
        let standing = |figure| figures.benchmark("legal", figure).expect("six of them").standing;
        assert_eq!(standing(Some(2.25)), Some(Standing::Within));
        assert_eq!(standing(Some(2.0)), Some(Standing::Below));
        assert_eq!(standing(None), None);
    }

    #[test]
    fn fewer_than_five_are_no_benchmark() {
        let figures = Figures::of([1.0, 2.0, 3.0, 4.0].map(|figure| ("legal", figure)));
        assert_eq!(figures.benchmark("legal", Some(1.0)), None);
        assert_eq!(figures.benchmark("medical", Some(1.0)), None);
    }

    proptest! {
        #[test]
        fn quartiles_are_in_order_and_within_the_figures(figures in prop::collection::vec(1.0_f64..=5.0, 5..60)) {
            let (least, greatest) = figures.iter().fold((5.0_f64, 1.0_f64), |(a, b), it| (a.min(*it), b.max(*it)));
            let told = Figures::of(figures.iter().map(|it| ("t", *it))).benchmark("t", None).expect("enough");
            prop_assert!(least <= told.lower_quartile && told.lower_quartile <= told.median);
            prop_assert!(told.median <= told.upper_quartile && told.upper_quartile <= greatest);
            let mut turned = figures;
            turned.reverse();
            prop_assert_eq!(Figures::of(turned.iter().map(|it| ("t", *it))).benchmark("t", None), Some(told));
        }
    }
}
