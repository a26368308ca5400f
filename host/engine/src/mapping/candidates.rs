//! Finds candidates without comparing every pair: names with equal keys form a group.

use std::collections::{BTreeMap, HashMap};

use scoresheet_domain::mapping::Rule;
use scoresheet_matching::LegalForms;

/// A key of a rule, with the legal forms that must agree.
pub(super) type Key<'a> = (&'a str, &'a LegalForms);

/// Source clients with the same key, in order of id.
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

/// The groups of one rule.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    pub(super) groups: Vec<Group>,
    /// By key and legal forms.
    by_key: HashMap<&'a str, BTreeMap<&'a LegalForms, usize>>,
}

impl<'a> Groups<'a> {
    /// Groups source clients: position, key and whether active, in order of id.
    pub(super) fn new(sources: impl Iterator<Item = (usize, Key<'a>, bool)>) -> Self {
        let mut groups = Self::default();
        for (position, (key, forms), active) in sources {
            let next = groups.groups.len();
            let group = *groups.by_key.entry(key).or_default().entry(forms).or_insert(next);
            if group == next {
                groups.groups.push(Group::default());
            }
            let group = &mut groups.groups[group];
            let members = if active { &mut group.active } else { &mut group.inactive };
            // One candidate, even with the same key twice.
            if members.last() != Some(&position) {
                members.push(position);
            }
        }
        groups
    }

    /// The groups that match a client's keys, each once.
    pub(super) fn matching<'k>(&self, rule: Rule, keys: impl Iterator<Item = Key<'k>>) -> Vec<usize> {
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

/// Union-find over clients and source clients that are candidates for each other.
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

    /// The size of the member's component.
    pub(super) fn component_size(&mut self, member: usize) -> usize {
        let root = self.root(member);
        self.size[root]
    }
}
