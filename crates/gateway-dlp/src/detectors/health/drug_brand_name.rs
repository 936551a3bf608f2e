//! `drug_brand_name`: brand names of medicines.
//!
//! **Format.** One of 193 brand names that are much prescribed and mean nothing else, in any case,
//! as a word of its own.
//!
//! **Validator.** None.
//!
//! **Source.** US Food and Drug Administration, Drugs@FDA (public domain).
//!
//! **Confidence.** Low: a word tells what a text is about; several near each other, or near a
//! person, tell more.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "drug_brand_name",
    name: "Medicine, by brand name",
    summary: "Brand names of medicines: 193 names as whole words, in any case",
    category: Category::Health,
    keywords: &["dose", "medication", "mg", "prescription", "tablet"],
    pattern: concat!(
        r"\b{start-half}(?i:",
        "abilify|accutane|actemra|adderall|advair|afinitor|aimovig|ambien|amoxil|",
        "anoro|aricept|ativan|atripla|augmentin|avastin|avonex|azilect|bactrim|",
        "belsomra|benicar|benlysta|biktarvy|botox|breo|brilinta|bystolic|celebrex|",
        "celexa|chantix|cialis|cimzia|clomid|concerta|copaxone|cosentyx|coumadin|",
        "crestor|cymbalta|depakote|descovy|dexilant|dilantin|diovan|dupixent|effexor|",
        "eliquis|emgality|enbrel|entresto|entyvio|epclusa|epivir|epogen|evista|",
        "eylea|farxiga|flomax|flonase|flovent|forteo|fosamax|gardasil|genvoya|",
        "gilenya|gleevec|harvoni|herceptin|humalog|humira|ibrance|imbruvica|imitrex|",
        "invega|invokana|isentress|januvia|jardiance|kalydeco|keppra|keytruda|",
        "klonopin|lamictal|lantus|lasix|latuda|levemir|levitra|lexapro|lipitor|",
        "livalo|lovenox|lucentis|lunesta|lyrica|mavyret|mirena|mounjaro|myrbetriq|",
        "namenda|nasonex|neulasta|neurontin|nexium|norvasc|novolog|nucala|nuvaring|",
        "ocrevus|opdivo|orencia|orkambi|otezla|oxycontin|ozempic|paxil|paxlovid|",
        "percocet|plavix|pradaxa|premarin|prevacid|prilosec|prolia|protonix|prozac|",
        "pulmicort|remicade|repatha|restasis|revlimid|risperdal|ritalin|rituxan|",
        "rybelsus|saxenda|seroquel|simponi|singulair|skyrizi|soliris|spiriva|stelara|",
        "strattera|stribild|suboxone|sutent|symbicort|synthroid|tagrisso|taltz|",
        "tamiflu|tecfidera|topamax|toujeo|tradjenta|tremfya|tresiba|trikafta|",
        "trintellix|triumeq|trulicity|truvada|tylenol|tysabri|ultram|valium|valtrex|",
        "ventolin|vesicare|viagra|vicodin|victoza|vivitrol|vraylar|vyvanse|wegovy|",
        "wellbutrin|xanax|xarelto|xeljanz|xolair|xtandi|zantac|zepbound|zestril|",
        "zetia|zithromax|zocor|zofran|zoloft|zyprexa|zyrtec|zytiga",
        r")\b{end-half}",
    ),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Pattern(Confidence::Low),
    examples: &[
        example("takes Humira weekly", &["Humira"]),
        example("OZEMPIC 1 mg", &["OZEMPIC"]),
        example("a humiral word", &[]),
        example("no medicine", &[]),
    ],
};
