//! Strips legal forms and "The" from a name. `legal_form` knows which words are one.

use std::ops::Range;

use super::{
    legal_form::{FORMS, LegalForms, MAX_WORDS},
    words::{self, Word},
};

/// A name without its legal forms.
#[derive(Debug)]
pub(super) struct Stripped {
    /// The words that are left: at least one, where there was one.
    pub(super) core: Range<usize>,
    /// How many bytes of the first and of the last word left belong to a form written without a space.
    pub(super) cut: (usize, usize),
    /// The classes of the forms.
    pub(super) forms: LegalForms,
    /// The forms as written, in the order of the name.
    pub(super) written: Vec<String>,
}

/// Strips legal forms and "The" repeatedly, but never the whole name.
pub(super) fn strip(words: &[Word]) -> Stripped {
    let mut core = 0..words.len();
    if core.len() > 1 && words[core.start].is("the") {
        core.start += 1;
    }
    // As sorted lists have it: "Acme Company, The".
    if core.len() > 1 && words[core.end - 1].is("the") {
        core.end -= 1;
    }
    let mut stripping =
        Stripping { words, core, cut: (0, 0), forms: LegalForms::default(), written: (Vec::new(), Vec::new()) };
    while stripping.words_at_end()
        || stripping.words_at_start()
        || stripping.letters_at_end()
        || stripping.letters_at_start()
    {}
    let Stripping { core, cut, forms, written: (mut written, mut behind), .. } = stripping;
    behind.reverse();
    written.append(&mut behind);
    Stripped { core, cut, forms, written }
}

struct Stripping<'a> {
    words: &'a [Word],
    core: Range<usize>,
    cut: (usize, usize),
    forms: LegalForms,
    /// From the start inwards, and from the end inwards.
    written: (Vec<String>, Vec<String>),
}

impl Stripping<'_> {
    fn max_words(&self) -> usize {
        MAX_WORDS.min(self.core.len().saturating_sub(1))
    }

    fn words_at_end(&mut self) -> bool {
        if self.max_words() == 0 || self.cut.1 > 0 || !FORMS.may_end(&self.words[self.core.end - 1]) {
            return false;
        }
        let found = (1..=self.max_words()).rev().map(|length| self.core.end - length).find_map(|at| {
            // After single letters, where a form begins is unknown: "Toys U S A".
            let after_letter = self.words[at].is_one_letter() && self.words[at - 1].is_one_letter();
            let form = FORMS.of(&self.words[at..self.core.end]).filter(|form| form.at_end && !after_letter)?;
            Some((at, form))
        });
        let Some((at, form)) = found else { return false };
        self.forms.add_at_end(&form);
        self.written.1.push(words::written(&self.words[at..self.core.end]));
        self.core.end = at;
        true
    }

    fn words_at_start(&mut self) -> bool {
        if self.max_words() == 0 || self.cut.0 > 0 || !FORMS.may_start(&self.words[self.core.start]) {
            return false;
        }
        let found = (1..=self.max_words()).rev().map(|length| self.core.start + length).find_map(|end| {
            let form = FORMS.of(&self.words[self.core.start..end]).filter(|form| form.at_start)?;
            Some((end, form))
        });
        let Some((end, form)) = found else { return false };
        self.forms.add_at_start(&form);
        self.written.0.push(words::written(&self.words[self.core.start..end]));
        self.core.start = end;
        true
    }

    /// The rest of a word at either end of the core. None where there is no word.
    fn left_of(&self, word: usize) -> Option<&str> {
        let text = self.words.get(word).map(|word| word.folded.plain.as_str())?;
        let front = if word == self.core.start { self.cut.0 } else { 0 };
        let back = if word + 1 == self.core.end { self.cut.1 } else { 0 };
        text.get(front..text.len().checked_sub(back)?)
    }

    fn letters_at_end(&mut self) -> bool {
        let Some(left) = self.core.end.checked_sub(1).and_then(|last| self.left_of(last)) else { return false };
        let Some((key, form)) = FORMS.attached(left, |key, form| form.at_end && left.ends_with(key)) else {
            return false;
        };
        self.forms.add_at_end(&form);
        self.written.1.push(key.to_owned());
        self.cut.1 += key.len();
        true
    }

    fn letters_at_start(&mut self) -> bool {
        let Some(left) = self.left_of(self.core.start) else { return false };
        let Some((key, form)) = FORMS.attached(left, |key, form| form.at_start && left.starts_with(key)) else {
            return false;
        };
        self.forms.add_at_start(&form);
        self.written.0.push(key.to_owned());
        self.cut.0 += key.len();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_legal_forms() {
        for (name, core) in [
            ("Acme Co., Ltd.", "acme"),
            ("The Acme Company", "acme"),
            ("Acme Company, The", "acme"),
            ("Company Inc.", "company"),
            ("The Limited", "limited"),
            ("Inc", "inc"),
            ("Acme GmbH & Co. KG", "acme"),
            ("Acme Sp. z o.o.", "acme"),
            ("Acme Sp.z o.o.", "acme"),
            ("Acme S.p.A.", "acme"),
            ("Serenity Day Spa", "serenitydayspa"),
            ("Charge EV", "chargeev"),
            ("Sportverein e.V.", "sportverein"),
            ("Acme A/S", "acme"),
            ("Acme L L C", "acme"),
            ("Toys U.S.A.", "toysusa"),
            ("Toys U S A", "toysusa"),
            ("Made in C", "madeinc"),
            ("Acme.co", "acmeco"),
            ("Acme (Pty) Ltd", "acme"),
            ("ООО «Ромашка»", "ромашка"),
            ("株式会社サクラ", "サクラ"),
            ("サクラ自動車株式会社", "サクラ自動車"),
            ("サクラ(株)", "サクラ"),
            ("㈱サクラ", "サクラ"),
            ("株式会社", "株式会社"),
            ("주식회사 카카오", "카카오"),
            ("樱花技术有限公司", "樱花技术"),
            ("PT Bank Mandiri (Persero) Tbk", "bankmandiri"),
            ("Tiffany & Co.", "tiffany"),
            ("Acme\u{a0}Oy", "acme"),
            ("", ""),
        ] {
            let words = words::split(name);
            let stripped = strip(&words);
            let mut left = words::join(&words[stripped.core.clone()]);
            words::cut(&mut left, stripped.cut);
            assert_eq!(left.plain, core, "{name}");
        }
    }

    #[test]
    fn forms_of_one_class_agree() {
        let forms = |name: &str| strip(&words::split(name)).forms;
        for (left, right) in [
            ("A Inc", "A Corporation"),
            ("A Ltd", "A Limited"),
            ("A Co", "A GmbH"),
            ("A", "A AG"),
            ("A Co., Ltd.", "A Ltd"),
            ("A株式会社", "A Co., Ltd."),
            ("A & Co.", "A & Co., Inc."),
            ("A AG", "A Aktiengesellschaft"),
            ("ООО А", "А ООО"),
            ("Valley Ag, LLC", "Valley Ag"),
        ] {
            assert!(forms(left).agree(&forms(right)), "{left} / {right}");
            assert!(forms(right).agree(&forms(left)), "{right} / {left}");
        }
        for (left, right) in [
            ("A AG", "A GmbH"),
            ("A Inc", "A LLC"),
            ("A PLC", "A Ltd"),
            ("A & Co.", "A KGaA"),
            ("A株式会社", "A有限会社"),
            ("A GmbH", "A GmbH & Co. KG"),
            ("ООО А GmbH", "А GmbH"),
            ("PT Clinics LLC", "Clinics LLC"),
            ("A AG, LLC", "A GmbH, LP"),
        ] {
            assert!(!forms(left).agree(&forms(right)), "{left} / {right}");
            assert!(!forms(right).agree(&forms(left)), "{right} / {left}");
        }
    }
}
