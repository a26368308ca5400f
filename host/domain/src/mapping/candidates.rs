//! Which clients and source clients are candidates for each other, without writing out every pair.
//!
//! Names with equal keys make a group. Which of the candidates is taken is `tie`'s business.

use std::collections::{BTreeMap, HashMap};

use crate::{mapping::Rule, matching::LegalForms};

/// What is looked up: a key of a rule, and the legal forms beside it.
pub(super) type Key<'a> = (&'a str, &'a LegalForms);

/// Source clients that a rule cannot tell apart, in order of id.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) active: Vec<usize>,
    pub(super) inactive: Vec<usize>,
}

impl Group {
    pub(super) fn members(&self, inactive: bool) -> &[usize] {
        if inactive { &self.inactive } else { &self.active }
    }
}

/// The groups under one rule.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    pub(super) groups: Vec<Group>,
    /// Per key, and where the rule regards legal forms, per what these are.
    by_key: HashMap<&'a str, BTreeMap<&'a LegalForms, usize>>,
}

impl<'a> Groups<'a> {
    /// Puts source clients together; `sources` gives position, key and whether active, in order of id.
    pub(super) fn of(sources: impl Iterator<Item = (usize, Key<'a>, bool)>) -> Self {
        let mut groups = Self::default();
        for (position, (key, forms), active) in sources {
            let next = groups.groups.len();
            let group = *groups.by_key.entry(key).or_default().entry(forms).or_insert(next);
            if group == next {
                groups.groups.push(Group::default());
            }
            let group = &mut groups.groups[group];
            let members = if active { &mut group.active } else { &mut group.inactive };
            // What has the same key twice is one candidate.
            if members.last() != Some(&position) {
                members.push(position);
            }
        }
        groups
    }

    /// The groups that a client's keys lead to, each once.
    pub(super) fn with<'k>(&self, rule: Rule, keys: impl Iterator<Item = Key<'k>>) -> Vec<usize> {
        let mut found = Vec::new();
        for (key, ours) in keys {
            let Some(by_forms) = self.by_key.get(key) else { continue };
            found.extend(by_forms.iter().filter_map(|(theirs, group)| {
                (rule != Rule::WithoutLegalForm || ours.agree(theirs)).then_some(*group)
            }));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Sets of clients and source clients that candidacies connect.
#[derive(Debug)]
pub(super) struct Connected {
    parent: Vec<usize>,
    size: Vec<usize>,
}

impl Connected {
    pub(super) fn new(members: usize) -> Self {
        Self { parent: (0..members).collect(), size: vec![1; members] }
    }

    fn root(&mut self, mut member: usize) -> usize {
        while self.parent[member] != member {
            self.parent[member] = self.parent[self.parent[member]];
            member = self.parent[member];
        }
        member
    }

    pub(super) fn connect(&mut self, one: usize, other: usize) {
        let (mut large, mut small) = (self.root(one), self.root(other));
        if large == small {
            return;
        }
        if self.size[large] < self.size[small] {
            std::mem::swap(&mut large, &mut small);
        }
        self.parent[small] = large;
        self.size[large] += self.size[small];
    }

    /// How many are connected with this one, itself included.
    pub(super) fn connected_with(&mut self, member: usize) -> usize {
        let root = self.root(member);
        self.size[root]
    }
}
