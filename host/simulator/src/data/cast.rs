//! The first clients of every generated world, hand-picked: between them they show every way in which
//! a roster and a source spell one client, and every course that satisfaction can take.

use super::roster::Tie;

/// A client before it has an id.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Profile {
    /// As the source spells it.
    pub(super) source: String,
    /// As the MSP spells it; none where the MSP does not know it.
    pub(super) roster: Option<String>,
    /// Other names in the roster.
    pub(super) aliases: Vec<String>,
    /// The roster's `type`.
    pub(super) kind: String,
    /// Workplaces.
    pub(super) seats: u32,
    /// How the two spellings meet.
    pub(super) tie: Tie,
    /// How satisfied it is.
    pub(super) story: Story,
}

/// How a client's satisfaction goes; days are counted back from the world's end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Story {
    /// Around this mean throughout.
    Steady(f64),
    /// Good until four months ago, worse ever since.
    Declining,
    /// Poor until four months ago, better ever since.
    Improving,
    /// Around the mean, but for a silence between so many days ago and so many.
    Gap {
        /// The mean outside the silence.
        mean: f64,
        /// The silence began so many days ago.
        began: f64,
        /// It ended so many days ago; 0 for one that lasts.
        ended: f64,
    },
    /// Never answered at all.
    Silent,
    /// Left half a year ago and is inactive in both systems; around the mean before.
    Left(f64),
}

impl Story {
    /// The mean of the answers so many days before the world's end; none where there are no answers.
    pub(super) fn mean(self, days_ago: f64) -> Option<f64> {
        const TURN: f64 = 120.0;
        let turned = ((TURN - days_ago) / TURN).max(0.0);
        match self {
            Self::Steady(mean) => Some(mean),
            Self::Declining => Some(4.8 - 2.8 * turned),
            Self::Improving => Some(2.2 + 2.6 * turned),
            Self::Gap { began, ended, .. } if days_ago <= began && days_ago > ended => None,
            Self::Gap { mean, .. } => Some(mean),
            Self::Silent => None,
            Self::Left(mean) => (days_ago > 182.0).then_some(mean),
        }
    }
}

/// So many clients are hand-picked.
pub(super) const CAST_LEN: usize = CAST.len();

/// The hand-picked client of this index.
pub(super) fn member(index: usize) -> Option<Profile> {
    CAST.get(index).map(|(source, roster, aliases, kind, seats, tie, story)| Profile {
        source: (*source).to_owned(),
        roster: roster.map(str::to_owned),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        kind: (*kind).to_owned(),
        seats: *seats,
        tie: *tie,
        story: *story,
    })
}

/// A client that the MSP has and the source has never heard of: name, type, seats.
pub(super) const ROSTER_ONLY: (&str, &str, u32) = ("Prairie Rose Montessori", "education", 16);

/// From so many clients on a world has the one that only the roster knows.
pub(super) const ROSTER_ONLY_FROM: usize = 10;

type Member = (&'static str, Option<&'static str>, &'static [&'static str], &'static str, u32, Tie, Story);

use Story::{Declining, Gap, Improving, Left, Silent, Steady};
use Tie::{Alias, Exact, Normalised, Unmatched, WithoutLegalForm};

/// Source's spelling, roster's spelling, aliases, type, seats, tie, story.
#[rustfmt::skip]
const CAST: [Member; 40] = [
    ("Kessler, Whitman & Roe, L.P.A.", Some("Kessler, Whitman & Roe"), &[], "legal", 38, WithoutLegalForm, Steady(4.6)),
    ("St. Mary's Dental Group", Some("Saint Marys Dental Group"), &[], "dental", 22, Normalised, Steady(4.4)),
    ("Brandt & Sons, Inc.", Some("Brandt and Sons Inc"), &[], "manufacturing", 64, Normalised, Steady(3.5)),
    ("City of Fairlawn", Some("City of Fairlawn"), &[], "municipality", 120, Exact, Steady(3.9)),
    ("Lakeside Orthodontics, LLC", Some("Lakeside Orthodontics"), &[], "dental", 14, WithoutLegalForm, Declining),
    ("The Ridgewood Foundation", Some("Ridgewood Foundation"), &[], "non-profit", 17, WithoutLegalForm, Improving),
    ("Müller Präzisionsteile GmbH", Some("Mueller Praezisionsteile GmbH"), &[], "manufacturing", 85, Normalised, Steady(4.2)),
    ("Garrison Freight LLC", Some("Summit Ridge Logistics"), &["Garrison Freight"], "logistics", 51, Alias, Steady(4.0)),
    ("Hopewell Food Bank", Some("Hopewell Food Bank"), &[], "non-profit", 11, Exact, Gap { mean: 4.3, began: 120.0, ended: 0.0 }),
    ("Pemberton Realty Partners", Some("Pemberton Realty Partners"), &[], "real-estate", 19, Exact, Silent),
    ("Blue Heron Ventures", Some("Dalton Family Office"), &[], "finance", 9, Unmatched, Steady(4.5)),
    ("Oakline Veterinary Clinic", Some("Oakline Veterinary Clinic"), &[], "healthcare", 13, Exact, Left(3.4)),
    ("Tri-County Water District", Some("Tri County Water District"), &[], "municipality", 33, Normalised, Gap { mean: 3.8, began: 230.0, ended: 90.0 }),
    ("株式会社山本製作所", Some("山本製作所"), &[], "manufacturing", 47, WithoutLegalForm, Steady(4.7)),
    ("ООО «Северный Ветер»", Some("Северный ветер"), &[], "logistics", 28, WithoutLegalForm, Steady(3.6)),
    ("Abernathy & Cole LLP", Some("Abernathy & Cole LLP"), &[], "legal", 24, Exact, Steady(4.1)),
    ("First Lutheran Church of Medina", Some("1st Lutheran Church of Medina"), &[], "non-profit", 12, Normalised, Steady(4.8)),
    ("Cuyahoga Tool & Die, Inc.", Some("Cuyahoga Tool and Die"), &[], "manufacturing", 71, WithoutLegalForm, Steady(3.2)),
    ("Bright Smiles Pediatric Dentistry", Some("Bright Smiles Pediatric Dentistry"), &[], "dental", 18, Exact, Declining),
    ("Test Account - Do Not Use", None, &[], "other", 1, Unmatched, Steady(2.9)),
    ("Village of Chagrin Heights", Some("Village of Chagrin Heights"), &[], "municipality", 29, Exact, Steady(4.0)),
    ("Harrow Structural Engineers, P.C.", Some("Harrow Structural Engineers"), &[], "engineering", 42, WithoutLegalForm, Steady(4.5)),
    ("Mendoza Family Law, P.A.", Some("Mendoza Family Law, P.A."), &[], "legal", 8, Exact, Improving),
    ("Western Reserve Hospice", Some("Western Reserve Hospice"), &[], "healthcare", 95, Exact, Steady(4.4)),
    ("Société Lemaire S.A.R.L.", Some("Societe Lemaire SARL"), &[], "manufacturing", 36, Normalised, Steady(3.9)),
    ("Ortiz Brothers Roofing", Some("Ortiz Brothers Roofing"), &[], "construction", 15, Exact, Steady(3.7)),
    ("Fairmount Charter School", Some("Fairmount Charter School"), &[], "education", 88, Exact, Steady(4.1)),
    ("O'Malley Plumbing & Heating, LLC", Some("OMalley Plumbing and Heating LLC"), &[], "construction", 21, Normalised, Steady(4.3)),
    ("Lorain State Credit Union", Some("Lorain State Credit Union"), &[], "finance", 57, Exact, Gap { mean: 4.2, began: 75.0, ended: 0.0 }),
    ("Kowalczyk Accounting Group Ltd", Some("Kowalczyk Accounting Group"), &[], "finance", 12, WithoutLegalForm, Steady(4.6)),
    ("Nguyen & Patel Cardiology Associates", Some("Nguyen and Patel Cardiology Associates"), &[], "healthcare", 31, Normalised, Steady(4.5)),
    ("Beacon Hill Senior Living", Some("Beacon Hill Senior Living"), &[], "healthcare", 103, Exact, Steady(2.6)),
    ("Señor Tomás Foods", Some("Senor Tomas Foods"), &[], "retail", 26, Normalised, Steady(4.0)),
    ("Delaney Press II", Some("Delaney Press 2"), &[], "retail", 10, Normalised, Steady(4.2)),
    ("Riverbend Animal Hospital", Some("Northcoast Veterinary Partners"), &["Riverbend Animal Hospital"], "healthcare", 17, Alias, Steady(4.4)),
    ("Stonebridge Capital Management", Some("Hollis Wealth Advisors"), &[], "finance", 14, Unmatched, Steady(4.7)),
    ("Habitat Partners of Wayne County", Some("Habitat Partners of Wayne County"), &[], "non-profit", 9, Exact, Silent),
    ("Lindqvist Machine Works, Inc.", Some("Lindqvist Machine Works, Inc."), &[], "manufacturing", 58, Exact, Declining),
    ("Elm Street Family Dentistry", Some("Elm Street Family Dentistry"), &[], "dental", 11, Exact, Steady(4.9)),
    ("Great Lakes Title Agency", Some("Great Lakes Title Agency"), &[], "real-estate", 23, Exact, Steady(3.8)),
];
